//! Linux inside of Windows, where the driver of Windows drives the cards.

use std::{fs, path::Path, sync::OnceLock};

/// Where WSL puts the driver's libraries. Not every distribution tells its loader.
pub(crate) const FOLDER: &str = "/usr/lib/wsl/lib";

/// Whether this is WSL 2, where a driver for Linux would do nothing but harm.
pub fn is_wsl() -> bool {
    static WSL: OnceLock<bool> = OnceLock::new();
    *WSL.get_or_init(|| {
        let release = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
        // Kernels that people build themselves have other names, but the same device.
        is_kernel_of_wsl(&release) || Path::new("/dev/dxg").exists()
    })
}

fn is_kernel_of_wsl(release: &str) -> bool {
    release.to_ascii_lowercase().contains("microsoft")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kernels_of_wsl_are_known_by_their_names() {
        assert!(is_kernel_of_wsl("5.15.153.1-microsoft-standard-WSL2\n"));
        assert!(is_kernel_of_wsl("4.4.0-19041-Microsoft"));
        assert!(!is_kernel_of_wsl("6.8.0-1021-azure"));
        assert!(!is_kernel_of_wsl(""));
    }
}
