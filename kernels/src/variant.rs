//! The variants of the kernels: one source, compiled to use the two pipes of a card differently.
//!
//! A sub-core of a card issues one instruction per cycle, and its pipe for logic takes one every second cycle;
//! so does its pipe for products. Hashing is nearly all logic. So an operation expressed as a product is free,
//! up to a point that depends on the card.

/// CUDA 12.0, which the kernels' PTX needs: driver 525.
pub(crate) const OLDEST_DRIVER: (u32, u32) = (12, 0);

/// A variant. `variants.json` says how each is compiled.
#[derive(Clone, Copy, Debug)]
pub struct Variant {
    /// Its name.
    pub name: &'static str,
    /// What it does, in a few words.
    pub about: &'static str,
    /// The most threads of a block, which sets how many registers a thread has.
    pub threads: u32,
    /// Where its v1 kernel keeps the schedules.
    pub schedule: Schedule,
    /// The program, with the zero byte at its end that the driver expects.
    ptx: &'static str,
}

/// Where a v1 kernel keeps the expanded schedule of an index, 192 bytes of shared memory that serve the 256 spans of a
/// group.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Schedule {
    /// Each thread has one of its own, and takes all spans in turn.
    Thread,
    /// A block shares those of 32 indices; its threads take a span each.
    Block,
}

macro_rules! variants {
    ($($name:literal $threads:literal $schedule:ident $about:literal)*) => {
        /// All of them.
        pub static ALL: &[Variant] = &[$(Variant {
            name: $name,
            about: $about,
            threads: $threads,
            schedule: Schedule::$schedule,
            ptx: concat!(include_str!(concat!("../ptx/", $name, ".ptx")), "\0"),
        }),*];
    };
}

variants! {
    "a" 768 Thread "sums and rotations where the compiler puts them"
    "b" 768 Thread "sums as products"
    "c6" 768 Thread "sums and 6 of 29 rotations of a Keccak round as products"
    "c18" 640 Thread "sums and 18 rotations as products"
    "c24" 512 Thread "sums and 24 rotations as products"
    "b-flat" 768 Thread "like b, with all rounds of Keccak unrolled"
    "c18-flat" 640 Thread "like c18, with all rounds of Keccak unrolled"
    "a-shared" 768 Block "like a, with schedules shared by a block"
    "b-shared" 768 Block "like b, with schedules shared by a block"
    "c6-shared" 768 Block "like c6, with schedules shared by a block"
    "c18-shared" 640 Block "like c18, with schedules shared by a block"
    "c24-shared" 512 Block "like c24, with schedules shared by a block"
}

impl Variant {
    /// The variant for a card that was not tuned. Sums as products and shared schedules use nothing that any card is
    /// short of, and this program compiles quickly.
    pub fn untuned() -> &'static Self {
        &ALL[8]
    }

    /// The variant with this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        ALL.iter().find(|variant| variant.name == name)
    }

    /// The program as the driver expects it: text that ends with a zero byte.
    pub const fn program(&self) -> &'static str {
        self.ptx
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Deserialize)]
    struct Entry {
        name: String,
        threads: u32,
        schedule: String,
    }

    #[test]
    fn the_list_matches_the_file_that_compiles_them() {
        let entries: Vec<Entry> =
            serde_json::from_str(include_str!("../variants.json")).expect("a list of variants");
        let listed: Vec<_> = ALL
            .iter()
            .map(|it| {
                let schedule = format!("{:?}", it.schedule).to_lowercase();
                (it.name, it.threads, schedule)
            })
            .collect();
        let compiled: Vec<_> = entries
            .iter()
            .map(|it| (it.name.as_str(), it.threads, it.schedule.clone()))
            .collect();
        assert_eq!(listed, compiled);
    }

    #[test]
    fn every_driver_since_525_and_every_card_since_turing_takes_them() {
        for variant in ALL {
            let ptx = variant.program();
            assert!(
                ptx.starts_with(".version 8.0\n.target sm_75\n"),
                "{}",
                variant.name
            );
            assert!(ptx.ends_with('\0'));
            for kernel in crate::plan::Kernel::ALL {
                assert!(ptx.contains(&format!(".entry {}(", kernel.name(variant.schedule))));
            }
        }
    }

    #[test]
    fn the_untuned_one_is_b_shared() {
        assert_eq!(Variant::untuned().name, "b-shared");
        assert!(Variant::named("d").is_none());
    }
}
