//! How the threads of the CPU behave towards everything else on the machine: where they may run, and how soon they make
//! way. Without a wish of the user's they run wherever the system puts them. Only on Linux can it be told of wishes.

use std::io;

/// The most CPUs of a machine, as Linux's sets of them have it.
const MOST: usize = 1_024;

/// What the user wishes.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Manners {
    /// The CPUs that threads may run on.
    pub cpus: Option<Cpus>,
    /// How willingly they make way: from -20, not at all, to 19.
    pub nice: Option<i32>,
}

/// Some of a machine's CPUs, at least one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Cpus([u64; MOST / 64]);

impl Cpus {
    /// Reads numbers and ranges: `0-3,8`. None if it is no such list, or names a CPU that no machine has.
    pub fn parse(list: &str) -> Option<Self> {
        let mut cpus = Self([0; MOST / 64]);
        for part in list.split(',') {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            let (first, last) = (number(first)?, number(last)?);
            if first > last {
                return None;
            }
            for cpu in first..=last {
                cpus.0[cpu / 64] |= 1 << (cpu % 64);
            }
        }
        Some(cpus)
    }

    /// Their numbers.
    pub fn iter(self) -> impl Iterator<Item = usize> {
        (0..MOST).filter(move |cpu| self.0[cpu / 64] >> (cpu % 64) & 1 == 1)
    }

    /// The first that this thread may not run on, if there is one.
    ///
    /// # Errors
    ///
    /// The system's.
    #[cfg(target_os = "linux")]
    pub fn forbidden(self) -> io::Result<Option<usize>> {
        let allowed = rustix::thread::sched_getaffinity(None)?;
        Ok(self.iter().find(|cpu| !allowed.is_set(*cpu)))
    }
}

/// The number of a CPU.
fn number(text: &str) -> Option<usize> {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.parse().ok();
    number.filter(|number| is_number && *number < MOST)
}

impl Manners {
    /// Makes the calling thread behave so.
    ///
    /// # Errors
    ///
    /// The system's, where it allows that not.
    pub fn apply(self) -> io::Result<()> {
        #[cfg(target_os = "linux")]
        {
            use rustix::{
                process::setpriority_process,
                thread::{CpuSet, sched_setaffinity},
            };

            if let Some(cpus) = self.cpus {
                let mut set = CpuSet::new();
                cpus.iter().for_each(|cpu| set.set(cpu));
                sched_setaffinity(None, &set)?;
            }
            if let Some(nice) = self.nice {
                // On Linux this is the thread's alone.
                setpriority_process(None, nice)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_numbers_and_ranges() {
        let numbers = |list| Cpus::parse(list).map(|cpus| cpus.iter().collect::<Vec<_>>());
        assert_eq!(numbers("0"), Some(vec![0]));
        assert_eq!(numbers("8,0-3,2"), Some(vec![0, 1, 2, 3, 8]));
        assert_eq!(numbers("63-65,1023"), Some(vec![63, 64, 65, 1_023]));
        for wrong in [
            "",
            ",",
            "0,",
            "3-1",
            "1-",
            "-1",
            "+1",
            "a",
            "1024",
            "0-1-2",
            "0 ,1",
            "99999999999999999999",
        ] {
            assert_eq!(numbers(wrong), None, "{wrong}");
        }
    }
}
