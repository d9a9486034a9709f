//! Memory for secrets: pages of their own, kept out of swap and core dumps.

use core::ops::{Deref, DerefMut};

use memmap2::MmapMut;
use region::LockGuard;
use zeroize::Zeroize;

/// Bytes that share a page with nothing else. The system locks whole pages and does not count locks, so
/// unlocking a neighbour would unlock the secret, too.
pub(super) struct Pages {
    /// None if the system refuses. Declared before the memory, since it must be dropped first.
    _lock: Option<LockGuard>,
    memory: MmapMut,
    len: usize,
}

impl Pages {
    /// `len` zeros.
    ///
    /// # Panics
    ///
    /// If there is no memory, as with any allocation.
    pub(super) fn zeroed(len: usize) -> Self {
        // A mapping needs at least one byte.
        let memory = MmapMut::map_anon(len.max(1)).expect("memory");
        Self {
            _lock: lock(&memory),
            memory,
            len,
        }
    }

    /// Hides everything from byte `len` on, which is wiped only in the end.
    pub(super) fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len);
    }
}

/// Keeps memory out of swap and core dumps, as far as the system allows.
fn lock(memory: &MmapMut) -> Option<LockGuard> {
    #[cfg(target_os = "linux")]
    if let Err(error) = memory.advise(memmap2::Advice::DontDump) {
        tracing::debug!("memory of a secret may end up in a core dump: {error}");
    }
    // Systems limit how much memory a user may lock, some to none. A key is worth more than a lock.
    region::lock(memory.as_ptr(), memory.len())
        .inspect_err(|error| tracing::debug!("memory of a secret may be swapped out: {error}"))
        .ok()
}

impl Deref for Pages {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.memory[..self.len]
    }
}

impl DerefMut for Pages {
    fn deref_mut(&mut self) -> &mut [u8] {
        &mut self.memory[..self.len]
    }
}

impl Zeroize for Pages {
    /// Wipes all of it, including what is hidden.
    fn zeroize(&mut self) {
        self.memory.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_bytes_are_wiped_as_well() {
        let mut pages = Pages::zeroed(6);
        pages.copy_from_slice(b"secret");
        pages.truncate(3);
        assert_eq!(&pages[..], b"sec");
        pages.truncate(5);
        assert_eq!(&pages[..], b"sec");
        pages.zeroize();
        assert_eq!((&pages[..], &pages.memory[..6]), (&[0; 3][..], &[0; 6][..]));
        assert!(Pages::zeroed(0).is_empty());
    }

    /// The case of a user who has locked all the memory that the limit allows.
    #[cfg(target_os = "linux")]
    #[test]
    fn memory_that_cannot_be_locked_is_as_good_as_any() {
        use rustix::{
            process::{Resource, Rlimit, getrlimit, setrlimit},
            thread::{CapabilitySet, capabilities, set_capabilities},
        };

        // Root has no limit. Capabilities belong to a thread, and this one ends with the test.
        let mut sets = capabilities(None).expect("Linux has them");
        sets.effective.remove(CapabilitySet::IPC_LOCK);
        set_capabilities(None, sets).expect("anybody may do less");
        let limit = getrlimit(Resource::Memlock);
        let most = limit.current.unwrap_or(1 << 23);
        let current = Some(most);
        setrlimit(Resource::Memlock, Rlimit { current, ..limit }).expect("anybody may do less");
        let len = usize::try_from(most).expect("small") + 1;
        let mut pages = Pages::zeroed(len);
        assert!(pages._lock.is_none());
        pages[len - 1] = 1;
        assert!(Pages::zeroed(1)._lock.is_some());
    }
}
