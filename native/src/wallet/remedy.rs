//! How to close a file or folder to others, which depends on its file system.

use std::path::Path;

use super::guard::Place;

/// How to close a file or folder.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Remedy {
    /// By `chmod`.
    Chmod,
    /// By `chmod`, unless the file system ignores it, which cannot be known.
    Perhaps,
    /// Not at all: the file system is read-only.
    ReadOnly,
    /// Not at all: file systems of this kind keep no modes.
    Modeless(&'static str),
    /// Not with the present mount of this Windows drive in WSL.
    WindowsDrive,
}

impl Remedy {
    /// The remedy on the file system of a place, by the number of its device.
    ///
    /// It reads the table of mounts. The kind alone is not enough, since Windows drives keep modes if they are
    /// mounted with metadata. A trial would have to write beside the keys.
    #[cfg(unix)]
    pub(super) fn of(path: &Path, device: u64) -> Self {
        use rustix::fs::{StatVfsMountFlags, statvfs};

        if statvfs(path).is_ok_and(|it| it.f_flag.contains(StatVfsMountFlags::RDONLY)) {
            return Self::ReadOnly;
        }
        #[cfg(target_os = "linux")]
        if let Ok(mounts) = std::fs::read_to_string("/proc/self/mountinfo") {
            return Self::by(&mounts, device);
        }
        #[cfg(not(target_os = "linux"))]
        let _ = device;
        Self::Perhaps
    }

    /// What the table of mounts says of a device.
    #[cfg(target_os = "linux")]
    fn by(mounts: &str, device: u64) -> Self {
        use rustix::fs::{major, minor};

        let device = format!("{}:{}", major(device), minor(device));
        let of_device = |line: &&str| line.split(' ').nth(2) == Some(&device);
        // Some file systems with modes, like Btrfs, are not in the table under the device of their files.
        let Some((_, system)) = mounts
            .lines()
            .find(of_device)
            .and_then(|line| line.split_once(" - "))
        else {
            return Self::Chmod;
        };
        let mut fields = system.split(' ');
        let kind = fields.next().unwrap_or_default();
        let options = fields.nth(1).unwrap_or_default();
        let option = |name| options.split([',', ';']).any(|option| option == name);
        match kind {
            "drvfs" if !option("metadata") => Self::WindowsDrive,
            "9p" if option("aname=drvfs") && !option("metadata") => Self::WindowsDrive,
            "vfat" => Self::Modeless("vfat"),
            "msdos" => Self::Modeless("msdos"),
            "exfat" => Self::Modeless("exfat"),
            "9p" if option("aname=drvfs") => Self::Chmod,
            // Some drivers with these names keep modes, or can be configured to.
            "9p" | "cifs" | "ntfs" | "ntfs3" | "smb3" | "vboxsf" | "virtiofs" => Self::Perhaps,
            kind if kind.starts_with("fuse") => Self::Perhaps,
            _ => Self::Chmod,
        }
    }

    /// What to do about an open place.
    pub(super) fn closing(self, place: Place, path: &Path) -> String {
        let mode = match place {
            Place::Around | Place::Folder | Place::Outermost => "700",
            Place::Password | Place::Public | Place::Secret | Place::Settings => "600",
        };
        self.or_copy(
            place,
            &format!("close it with chmod {mode} {}", quoted(path)),
        )
    }

    /// What to do about a place that belongs to somebody else.
    pub(super) fn taking(self, place: Place, path: &Path, user: u32) -> String {
        let chown = format!("make it yours with sudo chown {user} {}", quoted(path));
        format!("run btpow as that user, or {}", self.or_copy(place, &chown))
    }

    /// `fix`, if it has any effect; otherwise, or if that is uncertain, a copy elsewhere.
    fn or_copy(self, place: Place, fix: &str) -> String {
        let copy = match place {
            Place::Password | Place::Settings => {
                "copy it to your home folder and run chmod 600 on the copy"
            }
            Place::Around => {
                "copy the settings file to your home folder and run chmod 600 on the copy"
            }
            Place::Folder | Place::Outermost | Place::Public | Place::Secret => {
                "copy the wallet to ~/.bittensor/wallets and run chmod -R go-rwx ~/.bittensor"
            }
        };
        match self {
            Self::Chmod => fix.to_owned(),
            Self::Perhaps => format!("{fix}; if that changes nothing, {copy}"),
            Self::ReadOnly => format!("{copy}, as its file system is read-only"),
            Self::Modeless(kind) => {
                format!("{copy}, as its file system, {kind}, has no modes to change")
            }
            Self::WindowsDrive => format!(
                "{copy}, as this Windows drive has no modes to change; or mount it with metadata, as in \
                 /etc/wsl.conf, and {fix}"
            ),
        }
    }
}

/// A path as one types it into a shell.
fn quoted(path: &Path) -> String {
    let path = path.to_string_lossy();
    let plain = |it: char| it.is_alphanumeric() || "-_./+,@%".contains(it);
    if path.chars().all(plain) {
        path.into_owned()
    } else {
        format!("'{}'", path.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines of real tables: WSL 1 and 2, a virtual machine, USB sticks, servers.
    #[cfg(target_os = "linux")]
    #[test]
    fn the_table_of_mounts_says_whether_there_are_modes() {
        let windows = r"aname=drvfs;path=C:\;uid=1000;gid=1000;symlinkroot=/mnt/,cache=5,trans=fd";
        let metadata =
            r"aname=drvfs;path=C:\;uid=1000;gid=1000;metadata;symlinkroot=/mnt/,trans=fd";
        let line = |system: &str| {
            let before = "25 1 8:32 / / rw,relatime shared:1 - ext4 /dev/sdc rw,discard";
            let behind = "120 25 0:50 /x /mnt/c rw,noatime shared:2 master:1";
            format!("{before}\n{behind} - {system}\n")
        };
        let by = |system: &str, minor| Remedy::by(&line(system), rustix::fs::makedev(0, minor));
        for (system, remedy) in [
            (
                format!(r"9p C:\134 rw,dirsync,{windows}"),
                Remedy::WindowsDrive,
            ),
            (format!(r"9p C:\134 rw,dirsync,{metadata}"), Remedy::Chmod),
            (
                "drvfs C: rw,uid=1000,gid=1000,case=off".into(),
                Remedy::WindowsDrive,
            ),
            (
                "drvfs C: rw,uid=1000,gid=1000,metadata,case=off".into(),
                Remedy::Chmod,
            ),
            (
                "9p share rw,access=client,trans=virtio".into(),
                Remedy::Perhaps,
            ),
            (
                "vfat /dev/sdb1 rw,uid=1000,fmask=0022,dmask=0022".into(),
                Remedy::Modeless("vfat"),
            ),
            (
                "exfat /dev/sdb1 rw,uid=1000,fmask=0022".into(),
                Remedy::Modeless("exfat"),
            ),
            (
                "fuseblk /dev/sdb1 rw,user_id=0,allow_other".into(),
                Remedy::Perhaps,
            ),
            ("fuse.sshfs host:/ rw,user_id=1000".into(), Remedy::Perhaps),
            (
                "cifs //server/share rw,vers=3.1.1,file_mode=0755".into(),
                Remedy::Perhaps,
            ),
            ("nfs4 server:/share rw,vers=4.2".into(), Remedy::Chmod),
            ("tmpfs tmpfs rw,mode=777".into(), Remedy::Chmod),
            // A line may lack parts, and a file may have no line.
            ("vfat".into(), Remedy::Modeless("vfat")),
        ] {
            assert_eq!(by(&system, 50), remedy, "{system}");
            assert_eq!(by(&system, 51), Remedy::Chmod, "{system}");
        }
        assert_eq!(Remedy::by("", 50), Remedy::Chmod);
    }

    #[test]
    fn advice_is_only_what_helps() {
        let key = Path::new("/mnt/c/My Wallets/default/coldkey");
        let chmod = "chmod 600 '/mnt/c/My Wallets/default/coldkey'";
        for (remedy, chmods, copies) in [
            (Remedy::Chmod, true, false),
            (Remedy::Perhaps, true, true),
            (Remedy::ReadOnly, false, true),
            (Remedy::Modeless("vfat"), false, true),
            (Remedy::WindowsDrive, true, true),
        ] {
            let closing = remedy.closing(Place::Secret, key);
            assert_eq!(closing.contains(chmod), chmods, "{closing}");
            assert_eq!(closing.contains("copy the wallet"), copies, "{closing}");
            assert_eq!(
                closing.contains("metadata"),
                remedy == Remedy::WindowsDrive,
                "{closing}"
            );
            assert_eq!(
                remedy
                    .taking(Place::Secret, key, 0)
                    .contains("sudo chown 0 '"),
                chmods
            );
            let password = remedy.closing(Place::Password, key);
            assert_eq!(
                password.contains("copy it to your home folder"),
                copies,
                "{password}"
            );
        }
        let folder = Remedy::Chmod.closing(Place::Folder, Path::new("/w/it's"));
        assert_eq!(folder, r"close it with chmod 700 '/w/it'\''s'");
    }
}
