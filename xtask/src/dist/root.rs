//! A system of its own in a folder: a Debian 11, whose glibc, 2.31, is that of Ubuntu 20.04.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::shell::Program;
use crate::workspace::Workspace;

const DEBIAN: &str = "bullseye";

/// The longest that it runs once it has booted. Systems that stop working would otherwise never end.
const LIMIT: &str = "10m";

/// The system. Whatever is done in it is done as root of this machine, hence through sudo for anybody else.
pub(super) struct Root<'a> {
    workspace: &'a Workspace,
    folder: PathBuf,
    is_root: bool,
}

impl<'a> Root<'a> {
    /// Makes it anew.
    pub(super) fn make(workspace: &'a Workspace, folder: PathBuf) -> Result<Self> {
        let root = Self {
            workspace,
            folder,
            is_root: workspace.is_root()?,
        };
        root.remove()?;
        root.as_root("debootstrap")
            .args("--variant=minbase --include=ca-certificates,systemd,systemd-sysv")
            .arg(DEBIAN)
            .arg(&root.folder)
            .run()?;
        Ok(root)
    }

    fn as_root(&self, program: &str) -> Program {
        self.workspace.as_root(self.is_root, program)
    }

    fn path(&self, inside: &str) -> PathBuf {
        self.folder.join(inside.trim_start_matches('/'))
    }

    /// Copies a file to a path in it, or what is in a folder.
    pub(super) fn put(&self, file: &Path, inside: &str) -> Result<()> {
        let to = self.path(inside);
        let copy = if file.is_dir() {
            self.as_root("cp").args("-RT")
        } else {
            self.as_root("install").args("-D -m 644")
        };
        copy.arg(file).arg(to).run()
    }

    /// Runs a line of the shell in it, as this user and without a network.
    pub(super) fn run(&self, user: &str, line: &str) -> Result<()> {
        self.shell(user, line).run()
    }

    /// The same; what it writes.
    pub(super) fn output(&self, user: &str, line: &str) -> Result<String> {
        self.shell(user, line).output()
    }

    /// Its mounts and processes end with it.
    fn shell(&self, user: &str, line: &str) -> Program {
        let proc = self.folder.join("proc");
        self.as_root("unshare")
            .args("--mount --pid --fork --net --kill-child")
            .arg(format!("--mount-proc={}", proc.display()))
            .args("env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/tmp chroot")
            .arg(format!("--userspec={user}"))
            .arg(&self.folder)
            .args("sh -ec")
            .arg(line)
    }

    /// Boots it, in the network of this machine, and runs a line of the shell under systemd. Returns what the line
    /// writes.
    pub(super) fn boot(&self, line: &str) -> Result<String> {
        let unit = format!(
            "[Unit]\nAfter=multi-user.target\n\
             [Service]\nType=oneshot\nTimeoutStartSec={LIMIT}\nStandardOutput=append:/log\nStandardError=append:/log\n\
             ExecStart=/bin/sh -c '{line}'\nExecStopPost=systemctl poweroff --force --force\n\
             [Install]\nWantedBy=default.target\n"
        );
        let file = self.folder.with_extension("service");
        fs::write(&file, unit)?;
        self.put(&file, "/etc/systemd/system/line.service")?;
        self.run("root", "systemctl enable line && rm -f /log")?;
        // Systemd of today asks for control groups of version 2, which not every machine has there.
        let boot = "mount -t cgroup2 cgroup2 /sys/fs/cgroup && exec systemd-nspawn --quiet --register=no --keep-unit \
            --boot --directory \"$0\"";
        self.as_root("timeout")
            .arg(LIMIT)
            .args("unshare --mount sh -ec")
            .arg(boot)
            .arg(&self.folder)
            .run()?;
        self.output("root", "cat /log")
            .context("it did not come to the line")
    }

    fn remove(&self) -> Result<()> {
        if !self.folder.exists() {
            return Ok(());
        }
        self.as_root("rm")
            .args("-rf --one-file-system")
            .arg(&self.folder)
            .run()
    }
}
