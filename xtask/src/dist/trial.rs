//! Tries what a release offers: each archive runs, and the package works, on a Debian 11 that has nothing else.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use super::root::Root;
use super::{Built, GLIBC, Release, X86_64, ZIG};
use crate::devnet::Chain;
use crate::targets::AARCH64_GNU;
use crate::workspace::Workspace;

/// A challenge that an emulated CPU solves within seconds.
const EASY: &str = "solve --netuid 1 --block-hash 0x6274706f772073616d706c652c206e6f74206120626c6f636b20617420616c6c \
    --hotkey 5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty \
    --coldkey 5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY --difficulty 20000";

/// Unpacks an archive, looks at what the program needs, and runs it; AArch64's in an emulator.
pub(super) fn archive(release: &Release<'_>, program: &Built, archive: &Path) -> Result<()> {
    let workspace = release.workspace;
    let folder = release.target.join("unpacked");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    workspace
        .program("tar", "-xf")
        .arg(archive)
        .folder(&folder)
        .run()?;
    let unpacked = folder
        .join(release.name(&program.target))
        .join(program.path.file_name().context("it has a name")?);
    if cfg!(target_os = "linux") {
        is_linked_as_promised(workspace, &unpacked)?;
    }
    let start = |arguments: &str| {
        if program.target == AARCH64_GNU {
            workspace
                .program("qemu-aarch64", "-L /usr/aarch64-linux-gnu")
                .arg(&unpacked)
                .args(arguments)
        } else {
            workspace.program(&unpacked, arguments)
        }
    };
    let version = start("--version").output()?;
    let wanted = format!("btpow {}", release.version);
    ensure!(version.trim() == wanted, "{version} is not {wanted}");
    start(EASY).args("--device cpu").run()
}

/// It needs no newer glibc than promised, and carries the list of its dependencies.
fn is_linked_as_promised(workspace: &Workspace, program: &Path) -> Result<()> {
    let read = |flags: &str| workspace.program("readelf", flags).arg(program).output();
    let (major, minor) = newest_glibc(&read("--wide --version-info")?)
        .context("it is linked against no version of glibc")?;
    ensure!(
        (major, minor) <= GLIBC,
        "{} needs glibc {major}.{minor}",
        program.display()
    );
    ensure!(
        read("--wide --section-headers")?.contains(".dep-v0"),
        "{} does not list its dependencies",
        program.display()
    );
    Ok(())
}

/// The newest version of glibc's symbols in what readelf lists.
fn newest_glibc(listed: &str) -> Option<(u32, u32)> {
    listed
        .split("GLIBC_")
        .skip(1)
        .filter_map(|rest| {
            let number = rest
                .split(|c: char| !c.is_ascii_digit() && c != '.')
                .next()?;
            let mut parts = number.split('.').map(str::parse);
            Some((parts.next()?.ok()?, parts.next()?.ok()?))
        })
        .max()
}

/// Installs the package in a root of Debian 11, runs it and the archive there as nobody, with and without a
/// driver for CUDA, has the unit register a key on a test chain, and removes it.
pub(super) fn package(release: &Release<'_>, archive: &Path, package: &Path) -> Result<()> {
    let workspace = release.workspace;
    let root = Root::make(workspace, release.target.join("root"))?;
    root.put(package, "/btpow.deb")?;
    root.put(archive, "/btpow.tar.gz")?;
    root.put(&emulated_driver(release)?, "/driver/libcuda.so.1")?;

    root.run("root", "dpkg --install /btpow.deb")?;
    root.run("nobody", "btpow solve --sample")?;
    root.run(
        "nobody",
        "test -e /usr/share/man/man1/btpow.1 && test -e /usr/share/bash-completion/completions/btpow",
    )?;
    // The driver is a library of the system, which a static program could not load.
    let with_driver = "export LD_LIBRARY_PATH=/driver";
    let devices = root.output("nobody", &format!("{with_driver}; btpow devices --json"))?;
    ensure!(devices.contains("Emulated card"), "no card in {devices}");
    root.run(
        "nobody",
        &format!("{with_driver}; btpow {EASY} --device cuda"),
    )?;

    let folder = format!("/opt/{}", release.name(X86_64));
    root.run("root", "tar -xf /btpow.tar.gz -C /opt")?;
    root.run("nobody", &format!("{folder}/btpow bench --seconds 1"))?;

    unit(workspace, &root)?;

    root.run("root", "dpkg --purge btpow && test ! -e /usr/bin/btpow")
}

/// The example of a configuration, with the wallet of the tests, which has a password.
fn unit(workspace: &Workspace, root: &Root<'_>) -> Result<()> {
    let chain = Chain::start(workspace, "")?;
    root.run("root", "install -d -m 700 /etc/btpow /var/lib/btpow-first")?;
    root.put(
        &workspace.at("tests/vectors/wallets"),
        "/var/lib/btpow-first",
    )?;
    root.run(
        "root",
        "chmod -R go= /var/lib/btpow-first; cd /etc/btpow; umask 077; echo golden-test-password > first.password; \
         sed 's/=my-wallet/=golden/; s/=my-hotkey/=miner/; s/^#BT_SUB/BT_SUB/; s/^#OPT/OPT/' \
            /usr/share/doc/btpow/examples/btpow.conf > first.conf",
    )?;
    root.run(
        "root",
        &format!(
            "sed -i 's|ws://.*|{}|' /etc/btpow/first.conf",
            chain.endpoint
        ),
    )?;
    // Its `start --wait` would need a bus.
    let log = root.boot(
        "systemctl start btpow@first; \
         until systemctl show --property ActiveState btpow@first | grep -Eqx \"ActiveState=(inactive|failed)\"; do sleep 1; done; \
         journalctl --unit btpow@first --output cat",
    )?;
    ensure!(
        log.contains("registered  UID") && !log.contains("golden-test-password"),
        "the unit did not register a key:\n{log}"
    );
    Ok(())
}

/// The driver of the kernels' tests, for an old glibc as well.
fn emulated_driver(release: &Release<'_>) -> Result<PathBuf> {
    let library = release.target.join("libcuda.so.1");
    let (major, minor) = GLIBC;
    release
        .workspace
        .program(release.workspace.ensure_venv(&ZIG)?, "-m ziglang c++")
        .args(&format!("-target x86_64-linux-gnu.{major}.{minor}"))
        .args("-std=c++17 -O2 -Wno-unknown-pragmas -shared -fPIC")
        .args("kernels/tests/emulated/driver.cpp -o")
        .arg(&library)
        .run()?;
    Ok(library)
}

#[cfg(test)]
mod tests {
    use super::newest_glibc;

    #[test]
    fn versions_are_numbers() {
        let listed = "  0x0010:   Name: GLIBC_2.9  Flags: none  Version: 5\n   0x0020:   Name: GLIBC_2.28  Flags: none\n \
            2 (GLIBC_2.2.5)    GCC_3.0";
        assert_eq!(newest_glibc(listed), Some((2, 28)));
        assert_eq!(newest_glibc("no version information"), None);
    }
}
