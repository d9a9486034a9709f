//! The choices for each card: how the kernel is written, and how many invocations share a workgroup.

use core::{error::Error, fmt, str::FromStr};

use crate::{Logic, Loop, Variant};

/// A choice that a trial made for one card and its driver. Callers keep it as text, as in
/// `flat3x64`.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Tuning {
    variant: Variant,
    workgroup: u32,
}

/// A text is not a tuning.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TuningError(String);

impl Tuning {
    /// Invocations in a workgroup. WebGPU allows at most 256, and a kernel with this many live values
    /// gains nothing from large ones.
    pub const WORKGROUPS: [u32; 4] = [32, 64, 128, 256];

    /// Works everywhere and compiles quickly: for software, and until there was a trial.
    pub const SAFE: Self = Self {
        variant: Variant::new(Loop::Rolled, Logic::ThreeInput),
        workgroup: 64,
    };

    /// How many variants a trial tries first, all in one size.
    pub const VARIANTS: usize = Variant::ALL.len();

    /// How many a trial tries: all variants in one size, and the fastest in the others.
    pub const CANDIDATES: usize = Self::VARIANTS + Self::WORKGROUPS.len() - 1;

    /// The choice of this variant and workgroup size; `None` for a size that is not in
    /// [`WORKGROUPS`](Self::WORKGROUPS).
    pub fn new(variant: Variant, workgroup: u32) -> Option<Self> {
        let known = Self::WORKGROUPS.contains(&workgroup);
        known.then_some(Self { variant, workgroup })
    }

    /// How the kernel is written.
    pub const fn variant(self) -> Variant {
        self.variant
    }

    /// Invocations in a workgroup.
    pub const fn workgroup(self) -> u32 {
        self.workgroup
    }

    /// The sequence of a trial: all variants at the usual size, then the other sizes of the best one.
    pub(crate) fn variants() -> impl Iterator<Item = Self> {
        // Those that compile quickly come first: a trial may end before the others.
        let order = [2, 0, 1, 3].map(|i| Variant::ALL[i]);
        order.into_iter().map(|variant| Self {
            variant,
            workgroup: 64,
        })
    }

    /// The same variant in the other sizes.
    pub(crate) fn other_sizes(self) -> impl Iterator<Item = Self> {
        let others = Self::WORKGROUPS
            .into_iter()
            .filter(move |&workgroup| workgroup != self.workgroup);
        others.map(move |workgroup| Self { workgroup, ..self })
    }
}

impl fmt::Display for Tuning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}", self.variant, self.workgroup)
    }
}

impl FromStr for Tuning {
    type Err = TuningError;

    fn from_str(text: &str) -> Result<Self, TuningError> {
        let parse = || {
            let (name, workgroup) = text.split_once('x')?;
            let variant = Variant::ALL.into_iter().find(|it| it.name() == name)?;
            Self::new(variant, workgroup.parse().ok()?)
        };
        parse().ok_or_else(|| TuningError(text.to_owned()))
    }
}

impl fmt::Display for TuningError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = Variant::ALL.map(Variant::name).join(", ");
        let sizes = Tuning::WORKGROUPS.map(|size| size.to_string()).join(", ");
        write!(
            f,
            "{:?} is not a tuning: write VARIANTxSIZE with one of {names} and one of {sizes}, as in {}",
            self.0,
            Tuning::SAFE
        )
    }
}

impl Error for TuningError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tuning_survives_as_text() {
        for tuning in Tuning::variants().flat_map(Tuning::other_sizes) {
            assert_eq!(tuning.to_string().parse(), Ok(tuning));
        }
        for wrong in ["", "flat3", "flat3x", "flat3x48", "flat4x64", "x64"] {
            let error = wrong.parse::<Tuning>().expect_err(wrong);
            assert!(error.to_string().contains("rolled3x64"), "{error}");
        }
    }

    #[test]
    fn a_trial_visits_every_variant() {
        let all: Vec<_> = Tuning::variants().map(Tuning::variant).collect();
        for variant in Variant::ALL {
            assert!(all.contains(&variant), "{variant}");
        }
        assert_eq!(Tuning::SAFE.other_sizes().count(), 3);
    }
}
