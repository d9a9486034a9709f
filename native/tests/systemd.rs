//! The service of the documents, under a systemd that boots in a root of its own.
//!
//! The root has the `/usr` of this machine, with what our Debian package puts there laid over it, and an `/etc` and a `/var`
//! with nothing in them: nothing is downloaded, and it boots in a second. `cargo xtask dist` tries the package itself.

#![cfg(target_os = "linux")]
mod chain;
mod common;
#[path = "../fleet/tests/nats/server.rs"]
mod server;

use core::time::Duration;
use std::{
    fs,
    os::unix::fs::symlink,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::Instant,
};

use btpow_devnet::{BOB, CHARLIE, Options, keys};
use chain::{
    state::{self, Chain},
    text::PATIENCE,
    wallet::{PASSWORD, Wallet},
};
use common::markdown::{self, Page};
use rustix::process::getuid;
use server::{RIGS, Server};
use tempfile::TempDir;

/// What our package installs: files of the clone, and where they go.
const PACKAGED: [(&str, &str); 3] = [
    (
        "packaging/systemd/btpow@.service",
        "lib/systemd/system/btpow@.service",
    ),
    (
        "packaging/systemd/sysusers.conf",
        "lib/sysusers.d/btpow.conf",
    ),
    (
        "packaging/systemd/btpow.conf",
        "share/doc/btpow/examples/btpow.conf",
    ),
];

/// Boots the root: systemd of today asks for control groups of version 2, which not every machine has there.
const BOOT: &str = "mount -t overlay overlay -o lowerdir=$0/package:/usr $0/root/usr; \
    mount -t cgroup2 cgroup2 /sys/fs/cgroup; \
    exec systemd-nspawn --quiet --register=no --keep-unit --boot --directory $0/root systemd.unit=line.service";

/// Runs `/line` in the root once it has booted, and ends the root with it.
const UNIT: &str = "[Unit]\nAfter=basic.target\n\
    [Service]\nType=oneshot\nStandardOutput=append:/log\nStandardError=append:/log\n\
    ExecStart=/bin/sh -ex /line\nExecStopPost=systemctl poweroff --force --force\n";

/// Tells the state of a unit, again and again until it has ended or failed for good, and what it wrote.
const FOLLOW: &str = r#"
follow() {
  while state=$(systemctl show -p ActiveState,SubState,NRestarts,WatchdogTimestampMonotonic,StatusText "$1" | tr '\n' ' '); do
    echo "$state"
    case $state in *ActiveState=inactive*|*ActiveState=failed*) break;; esac
    sleep 0.2
  done 2>/dev/null
  journalctl --sync; journalctl --unit "$1" --output cat
}
set +x
"#;

/// A system in a folder, at work.
struct Root {
    folder: TempDir,
    system: Option<Child>,
}

impl Root {
    /// Boots one with these wallets in root's home, where a line of the shell runs.
    fn boot(wallet: &Wallet, line: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path().join("root");
        for name in [
            "dev",
            "etc/systemd/system",
            "proc",
            "run",
            "sys",
            "tmp",
            "usr",
            "var",
        ] {
            fs::create_dir_all(root.join(name)).expect("a folder");
        }
        for name in ["bin", "sbin", "lib", "lib64"] {
            let to = format!("usr/{name}");
            if Path::new("/").join(&to).exists() {
                symlink(to, root.join(name)).expect("a link");
            }
        }
        // Otherwise systemd asks who is at the keyboard.
        put(
            &root.join("etc/machine-id"),
            "b7b0b7b0b7b0b7b0b7b0b7b0b7b0b7b0\n",
        );
        let asks = root.join("etc/systemd/system/systemd-firstboot.service");
        symlink("/dev/null", asks).expect("a link");
        put(&root.join("etc/systemd/system/line.service"), UNIT);
        put(
            &root.join("line"),
            &format!("{FOLLOW}export HOME=/root\n{line}"),
        );
        copy(wallet.path(), &root.join("root/.bittensor/wallets"));
        let package = folder.path().join("package");
        for (from, to) in PACKAGED {
            copy(&markdown::root().join(from), &package.join(to));
        }
        let program = common::btpow("");
        copy(Path::new(program.get_program()), &package.join("bin/btpow"));
        let system = as_root("unshare")
            .args(["--mount", "sh", "-ec", BOOT])
            .arg(folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .expect("it boots");
        let system = Some(system);
        Self { folder, system }
    }

    /// What the line has written so far.
    fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("root/log")).unwrap_or_default()
    }

    /// Waits until the line has written something.
    fn says(&self, what: &str, is_it: impl Fn(&str) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !is_it(&self.log()) {
            assert!(Instant::now() < deadline, "{what}:\n{}", self.log());
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// Waits for the end. Returns all that the line wrote.
    fn end(mut self) -> String {
        let deadline = Instant::now() + PATIENCE;
        let mut system = self.system.take().expect("it has not ended");
        while system.try_wait().expect("its state").is_none() {
            assert!(Instant::now() < deadline, "it goes on:\n{}", self.log());
            thread::sleep(Duration::from_millis(50));
        }
        self.log()
    }
}

impl Drop for Root {
    fn drop(&mut self) {
        if let Some(system) = &mut self.system {
            // The system ends with the process that boots it.
            let _ = as_root("kill").arg(system.id().to_string()).status();
            let _ = system.wait();
        }
        // Some of its files are another user's.
        let _ = as_root("rm")
            .args(["-rf", "--one-file-system"])
            .arg(self.folder.path())
            .status();
    }
}

/// A program as root: by sudo, unless this user is.
fn as_root(program: &str) -> Command {
    if getuid().is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("sudo");
    command.arg("--non-interactive").arg(program);
    command
}

fn put(path: &Path, text: &str) {
    fs::write(path, text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
}

/// Copies a file or a folder.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to.parent().expect("it is in a folder")).expect("a folder");
    let mut copy = Command::new("cp");
    let status = copy.args(["-r", "--no-target-directory"]).args([from, to]);
    assert!(status.status().expect("cp starts").success(), "{from:?}");
}

/// The commands of the page, for a service with this name, as root types them.
fn installation(page: &Page) -> String {
    let commands = page.block("sh");
    let (install, start) = commands
        .split_once("systemctl start")
        .expect("it starts the service at the end");
    assert_eq!(start.lines().count(), 1, "{commands}");
    // Nobody is there to type it.
    let asks = "systemd-ask-password";
    assert!(install.contains(asks), "{commands}");
    install.replace(asks, &format!("echo {PASSWORD}"))
}

/// A wallet `my-wallet` whose coldkey has a password, with a key `my-hotkey`.
fn wallet() -> Wallet {
    let wallet = Wallet::encrypted(&CHARLIE);
    wallet.add_hotkey("my-hotkey", &BOB);
    fs::rename(
        wallet.path().join("default"),
        wallet.path().join("my-wallet"),
    )
    .expect("a name");
    wallet
}

/// A chain that makes blocks by itself.
fn chain() -> Chain {
    Chain::start(&Options {
        block_time: Some(Duration::from_millis(500)),
        ..state::options()
    })
}

/// The service registers a key on a subnet, waits for another that opens only later, and registers there. Systemd sees it
/// begin, hears how it goes and that it is alive, and leaves it alone when it has ended.
#[test]
#[ignore = "boots a system as root: cargo xtask test systemd"]
fn the_service_of_the_book_registers_on_a_subnet_that_opens_later() {
    let page = Page::read("docs/src/service.md");
    let (chain, wallet) = (chain(), wallet());
    let settings = page.block("ini settings");
    let line = format!(
        "{}\ncat > /etc/btpow/miner.conf <<'END'\n{settings}BT_SUBTENSOR_NETWORK={}\nEND\n\
         mkdir -p /etc/systemd/system/btpow@.service.d\n\
         cat > /etc/systemd/system/btpow@.service.d/watched.conf <<'END'\n{}END\n\
         systemctl daemon-reload\n\
         systemctl start btpow@miner && echo it is ready\n\
         follow btpow@miner\n",
        installation(&page),
        chain.endpoint(),
        page.block("ini drop-in"),
    );
    let root = Root::boot(&wallet, &line);
    // With `Type=notify` systemd waits for READY.
    root.says("no READY", |log| log.contains("it is ready\n"));
    let waits = |log: &str| {
        let statuses = log.lines().filter(|line| line.contains("StatusText="));
        statuses
            .filter(|line| line.contains("waiting for the subnet to open"))
            .count()
            > 0
    };
    root.says("no STATUS of the pause", waits);
    let signs = |log: &str| {
        let times = log.split_whitespace();
        let times = times.filter_map(|it| it.strip_prefix("WatchdogTimestampMonotonic="));
        let mut times: Vec<_> = times.filter(|time| *time != "0").collect();
        times.dedup();
        times.len()
    };
    let so_far = signs(&root.log());
    root.says("no WATCHDOG", |log| signs(log) > so_far.max(1));
    assert_eq!(chain.uid(1, &BOB), Some(0), "{}", root.log());
    assert_eq!(chain.uid(2, &BOB), None, "{}", root.log());

    let open = keys::subnet_key("NetworkPowRegistrationAllowed", 2);
    chain.set(open, Some(vec![1]));
    let log = root.end();
    assert_eq!(chain.uid(2, &BOB), Some(0), "{log}");
    for netuid in [1, 2] {
        let registered = format!("registered  UID 0 on subnet {netuid}");
        assert_eq!(log.matches(&registered).count(), 1, "{log}");
    }
    // With code 0, and once.
    assert!(
        log.contains("btpow@miner.service: Deactivated successfully."),
        "{log}"
    );
    assert!(!log.contains("Main process exited"), "{log}");
    assert!(!log.contains("NRestarts=1"), "{log}");
    assert!(!log.contains(PASSWORD), "{log}");
}

/// A refusal would only come again: systemd does not start the service anew.
#[test]
#[ignore = "boots a system as root: cargo xtask test systemd"]
fn the_service_of_the_book_does_not_start_again_after_a_refusal() {
    let page = Page::read("docs/src/service.md");
    let (chain, wallet) = (chain(), wallet());
    let settings = page.block("ini settings");
    let settings = settings
        .replace("NETUID=1", "NETUID=2")
        .replace("OPTIONS=", "#OPTIONS=");
    let line = format!(
        "{}\ncat > /etc/btpow/miner.conf <<'END'\n{settings}BT_SUBTENSOR_NETWORK={}\nEND\n\
         systemctl start btpow@miner\nfollow btpow@miner\n",
        installation(&page),
        chain.endpoint(),
    );
    let log = Root::boot(&wallet, &line).end();
    assert!(log.contains("subnet 2 takes no proof of work"), "{log}");
    assert!(
        log.contains("Main process exited, code=exited, status=4"),
        "{log}"
    );
    assert!(log.contains("ActiveState=failed SubState=failed"), "{log}");
    assert!(!log.contains("auto-restart"), "{log}");
    assert!(!log.contains("NRestarts=1"), "{log}");
}

/// With what the page of fleets writes into it, the same service is a rig. It keeps its key to itself, says how it goes, and
/// ends well when it is told to.
#[test]
#[ignore = "boots a system as root: cargo xtask test systemd"]
fn the_service_of_the_book_is_a_rig() {
    let page = Page::read("docs/src/fleet.md");
    let (server, wallet) = (Server::start(), wallet());
    let key = fs::read_to_string(server.secret(RIGS[0])).expect("a key");
    let line = format!(
        "install -d -m 700 /etc/btpow\n\
         (umask 077; echo {key} > /etc/btpow/rig.nk)\n\
         echo FLEET={} > /etc/btpow/rig.conf\n\
         echo 'OPTIONS=--name rig-1 --device cpu --threads 1' >> /etc/btpow/rig.conf\n\
         mkdir -p /etc/systemd/system/btpow@rig.service.d\n\
         cat > /etc/systemd/system/btpow@rig.service.d/rig.conf <<'END'\n{}END\n\
         systemctl daemon-reload\n\
         systemctl start btpow@rig\n\
         until systemctl show -p StatusText btpow@rig | grep 'waiting for a coordinator'; do sleep 0.1; done 2>/dev/null\n\
         systemctl stop btpow@rig\n\
         follow btpow@rig\n",
        server.address(),
        page.block("ini rig"),
    );
    let log = Root::boot(&wallet, &line).end();
    let begin = format!("Rig rig-1 of the fleet main at {}", server.address());
    assert!(log.contains(&begin), "{log}");
    assert!(
        log.contains("btpow@rig.service: Deactivated successfully."),
        "{log}"
    );
    assert!(!log.contains("ActiveState=failed"), "{log}");
}
