//! Where a secret key is in memory. One test alone in its process, since others lock memory as well.

#![cfg(target_os = "linux")]

use core::ops::Range;
use std::{
    fs::{self, File},
    io,
    os::unix::fs::{FileExt as _, PermissionsExt as _},
};

use btpow::wallet::{Keyfile, Passwords};
use zeroize::Zeroize as _;

/// What to search for, masked so that a search does not find itself.
struct Hidden(Vec<u8>);

impl Hidden {
    const MASK: u8 = 0xa5;

    /// Wipes what it was given.
    fn new(mut bytes: Vec<u8>) -> Self {
        let hidden = bytes.iter().map(|byte| byte ^ Self::MASK).collect();
        bytes.zeroize();
        Self(hidden)
    }

    fn is_in(&self, bytes: &[u8]) -> bool {
        let same = |window: &[u8]| {
            let mut pairs = window.iter().zip(&self.0);
            pairs.all(|(byte, masked)| byte ^ Self::MASK == *masked)
        };
        bytes.windows(self.0.len()).any(same)
    }

    /// The mappings of this process that hold it.
    fn mappings(&self) -> Vec<Mapping> {
        let memory = File::open("/proc/self/mem").expect("this process may read itself");
        let mut buffer = vec![0; 1 << 16];
        let mut mappings = mappings();
        mappings.retain(|mapping| {
            // Pieces overlap, since a border may cut through the secret.
            let step = buffer.len() - self.0.len();
            mapping.range.clone().step_by(step).any(|at| {
                let len = buffer.len().min(mapping.range.end - at);
                let piece = &mut buffer[..len];
                memory.read_exact_at(piece, at as u64).expect("readable");
                let found = self.is_in(piece);
                piece.zeroize();
                found
            })
        });
        mappings
    }
}

#[derive(Debug)]
struct Mapping {
    range: Range<usize>,
    /// The kernel's flags for it, of two letters each.
    flags: String,
}

/// The writable mappings.
fn mappings() -> Vec<Mapping> {
    let text = fs::read_to_string("/proc/self/smaps").expect("mappings");
    let mut mappings: Vec<Mapping> = Vec::new();
    let mut writable = false;
    for line in text.lines() {
        if let Some(flags) = line.strip_prefix("VmFlags:") {
            if writable {
                mappings.last_mut().expect("flags of something").flags = flags.to_owned();
            }
        } else if let Some((range, rest)) = line.split_once(' ')
            && let Some((start, end)) = range.split_once('-')
        {
            writable = rest.starts_with("rw");
            if writable {
                let address = |digits| usize::from_str_radix(digits, 16).expect("an address");
                let (range, flags) = (address(start)..address(end), String::new());
                mappings.push(Mapping { range, flags });
            }
        }
    }
    mappings
}

fn locked() -> String {
    let status = fs::read_to_string("/proc/self/status").expect("a status");
    let line = status.lines().find_map(|line| line.strip_prefix("VmLck:"));
    line.expect("how much is locked").trim().to_owned()
}

#[test]
fn a_key_that_is_held_is_locked_and_one_that_is_dropped_is_gone() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("key");
    let mut seed = vec![0; 32];
    getrandom::fill(&mut seed).expect("randomness");
    let digits: String = seed.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut text = format!(r#"{{"cryptoType":0,"secretSeed":"0x{digits}"}}"#);
    fs::write(&path, &text).expect("written");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("its owner's");
    text.zeroize();
    // Both forms in which the program handles it.
    let (digits, seed) = (Hidden::new(digits.into_bytes()), Hidden::new(seed));

    let local = 0_u8;
    let stack = &raw const local as usize;
    // What compilers and libraries leave on the stack is not wiped, as SECURITY.md says.
    let found = |hidden: &Hidden| {
        let mut mappings = hidden.mappings();
        mappings.retain(|mapping| !mapping.range.contains(&stack));
        mappings
    };
    assert_eq!(locked(), "0 kB");
    let nobody = |_: &str| Err(io::Error::from(io::ErrorKind::NotFound));
    let keyfile = Keyfile::read(&path, "key").expect("a key");
    let pair = keyfile.unlock(&Passwords::new(None, &|_| None, &nobody));
    let pair = pair.expect("a key");
    for hidden in [&digits, &seed] {
        let [mapping] = &found(hidden)[..] else {
            panic!("{:?}", found(hidden));
        };
        // Locked, and in no core dump.
        let flags: Vec<_> = mapping.flags.split_whitespace().collect();
        assert!(flags.contains(&"lo") && flags.contains(&"dd"), "{flags:?}");
    }
    drop(keyfile);
    let page = format!("{} kB", region::page::size() >> 10);
    assert_eq!((locked(), found(&digits).len()), (page, 0));

    drop(pair);
    assert_eq!((locked(), found(&seed).len()), ("0 kB".to_owned(), 0));
}
