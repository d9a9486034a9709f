//! Keeps others from reading this process.

use super::WalletError;

/// Switches off core dumps, and on Linux also keeps the user's other processes from reading this one.
///
/// Call it before reading the first secret. Windows writes no core dumps by default.
///
/// # Errors
///
/// [`WalletError::Unprotected`] when the system refuses.
pub fn harden() -> Result<(), WalletError> {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, setrlimit};

        let none = Rlimit {
            current: Some(0),
            maximum: Some(0),
        };
        setrlimit(Resource::Core, none).map_err(|error| WalletError::Unprotected(error.into()))?;
    }
    #[cfg(any(target_os = "linux", target_os = "android"))]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};

        // The limit has no effect if the system pipes core dumps to a program.
        set_dumpable_behavior(DumpableBehavior::NotDumpable)
            .map_err(|error| WalletError::Unprotected(error.into()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_core_is_dumped() {
        harden().expect("nothing forbids it");
        #[cfg(unix)]
        {
            use rustix::process::{Resource, getrlimit};

            let limit = getrlimit(Resource::Core);
            assert_eq!((limit.current, limit.maximum), (Some(0), Some(0)));
        }
        #[cfg(target_os = "linux")]
        {
            use rustix::process::{DumpableBehavior, dumpable_behavior};

            assert_eq!(dumpable_behavior(), Ok(DumpableBehavior::NotDumpable));
        }
    }
}
