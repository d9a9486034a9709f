//! The kinds of memory.

/// A state space of PTX.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Space {
    Parameter,
    Constant,
    Shared,
    Global,
    /// Any of them: the address says which.
    Generic,
}

impl Space {
    /// By its name in PTX.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "param" => Self::Parameter,
            "const" => Self::Constant,
            "shared" => Self::Shared,
            "global" => Self::Global,
            _ => return None,
        })
    }
}
