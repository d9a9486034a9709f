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
    /// The program, with the zero byte at its end that the driver expects.
    ptx: &'static str,
}

macro_rules! variants {
    ($($name:literal $threads:literal $about:literal)*) => {
        /// All of them.
        pub static ALL: &[Variant] = &[$(Variant {
            name: $name,
            about: $about,
            threads: $threads,
            ptx: concat!(include_str!(concat!("../ptx/", $name, ".ptx")), "\0"),
        }),*];
    };
}

variants! {
    "a" 768 "sums and rotations where the compiler puts them"
    "b" 768 "sums as products"
    "c6" 768 "sums and 6 of 29 rotations of a Keccak round as products"
    "c18" 640 "sums and 18 rotations as products"
    "c24" 512 "sums and 24 rotations as products"
    "b-flat" 768 "like b, with all rounds of Keccak unrolled"
    "c18-flat" 640 "like c18, with all rounds of Keccak unrolled"
}

impl Variant {
    /// The variant for a card that was not tuned. Sums as products use nothing that any card is short of, and
    /// this program compiles quickly.
    pub fn untuned() -> &'static Self {
        &ALL[1]
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
    }

    #[test]
    fn the_list_matches_the_file_that_compiles_them() {
        let entries: Vec<Entry> =
            serde_json::from_str(include_str!("../variants.json")).expect("a list of variants");
        let listed: Vec<_> = ALL.iter().map(|it| (it.name, it.threads)).collect();
        let compiled: Vec<_> = entries
            .iter()
            .map(|it| (it.name.as_str(), it.threads))
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
                assert!(ptx.contains(&format!(".entry {}(", kernel.name())));
            }
        }
    }

    #[test]
    fn the_untuned_one_is_b() {
        assert_eq!(Variant::untuned().name, "b");
        assert!(Variant::named("d").is_none());
    }
}
