//! The commands of the book that are not run as a reader types them. Everything else is.

/// What becomes of a command instead.
pub(crate) enum Instead {
    /// It is not run, for this reason.
    Nothing(&'static str),
    /// It goes on until somebody ends it: in another terminal, to the end of its page, once it has said this.
    StaysUntil(&'static str),
}

use Instead::{Nothing, StaysUntil};

/// It changes the machine, as root.
const AS_ROOT: Instead = Nothing("native/tests/systemd.rs runs it as root, in a system of its own");
/// It compiles for minutes.
const COMPILES: Instead =
    Nothing("it compiles for minutes what other steps of `cargo xtask test` compile");

/// The package is not installed here.
const OF_NKEYS: Instead = Nothing("it needs a package; the tests have keys that were made once");
/// It names a server of nobody's.
const OF_A_SERVER: Instead =
    Nothing("there is no such server; rig_fleet.rs and chain_fleet.rs have one");

/// Each command of a `console` block, and each line of an `sh` block, exactly as it stands there.
pub(crate) const EXCEPTIONS: &[(&str, Instead)] = &[
    ("cargo xtask devnet", StaysUntil("Ctrl-C stops it.")),
    (
        "btpow register --netuid 3 --wallet-name my-wallet --wallet-hotkey my-hotkey --yes --api 127.0.0.1:4720",
        StaysUntil("chance so far"),
    ),
    (
        "btpow register --netuid 3 --wallet-name my-wallet --wallet-hotkey second --yes --api 0.0.0.0:4721 --api-token-file token",
        StaysUntil("chance so far"),
    ),
    (
        "srun sh -c 'btpow mine --netuid 1 --hotkey 5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty --coldkey 5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY --shard $SLURM_PROCID/$SLURM_NTASKS'",
        Nothing("there is no Slurm; solve.rs and chain_mine.rs try shards"),
    ),
    (
        "btpow mine --netuid 1 --hotkey 5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty --coldkey 5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY --shard $JOB_COMPLETION_INDEX/8",
        Nothing("there is no Kubernetes; solve.rs and chain_mine.rs try shards"),
    ),
    ("btpow top", Nothing("chain_top.rs presses its keys")),
    ("nats-server -a 127.0.0.1", StaysUntil("Server is ready")),
    (
        "btpow register --netuid 3 --wallet-name my-wallet --wallet-hotkey my-hotkey --yes --fleet nats://127.0.0.1 --no-local",
        StaysUntil("this coordinator leads the fleet"),
    ),
    (
        "btpow rig --fleet nats://127.0.0.1 --name rig-1",
        StaysUntil("this rig hashes range"),
    ),
    (
        "python3 -m venv nkeys && . nkeys/bin/activate && pip install nkeys",
        Nothing("it would ask another machine"),
    ),
    (
        "(umask 077; python3 -c 'import nkeys, os; print(nkeys.encode_seed(os.urandom(32), nkeys.PREFIX_BYTE_USER).decode())' > rig-1.nk)",
        OF_NKEYS,
    ),
    (
        "python3 -c 'import nkeys; print(nkeys.from_seed(bytearray(open(\"rig-1.nk\", \"rb\").read().strip())).public_key.decode())'",
        OF_NKEYS,
    ),
    (
        "btpow register --netuid 1 --wallet-name my-wallet --wallet-hotkey my-hotkey --fleet tls://nats.example --fleet-creds coordinator.nk",
        OF_A_SERVER,
    ),
    (
        "btpow rig --fleet tls://nats.example --fleet-creds rig-1.nk --name rig-1",
        OF_A_SERVER,
    ),
    (
        "btpow fleet status --fleet tls://nats.example --fleet-creds viewer.nk",
        OF_A_SERVER,
    ),
    (
        "btpow register --netuid 1 --wallet-name my-wallet --wallet-hotkey my-hotkey --yes --on-event 'curl -s -m 5 --json @- https://example.org/hook'",
        Nothing("it would send to another machine; the page has the same with a file"),
    ),
    (
        "git clone https://github.com/btpow/btpow && cd btpow",
        Nothing("it would ask another machine"),
    ),
    ("cargo install --locked --path native", COMPILES),
    (
        "cargo xtask web --serve     # builds it, and serves it with a local chain",
        Nothing("the step page-browser does this"),
    ),
    (
        "cargo xtask web             # builds it: copy web/page/dist to any web server",
        Nothing("the step page does this"),
    ),
    (
        "btpow tune --seconds 20",
        Nothing("there is no card; wgpu.rs tunes a software driver"),
    ),
    ("install -d -m 700 /etc/btpow /var/lib/btpow-miner", AS_ROOT),
    (
        "cp -r ~/.bittensor/wallets/my-wallet /var/lib/btpow-miner/",
        AS_ROOT,
    ),
    (
        "install -m 600 /usr/share/doc/btpow/examples/btpow.conf /etc/btpow/miner.conf",
        AS_ROOT,
    ),
    (
        "install -m 600 /dev/null /etc/btpow/miner.password",
        AS_ROOT,
    ),
    ("systemd-ask-password > /etc/btpow/miner.password", AS_ROOT),
    ("systemctl start btpow@miner", AS_ROOT),
];
