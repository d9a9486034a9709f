//! A reader who types the commands of a page, one after the other, at a terminal in a folder of the page's own.

use core::{
    cell::{OnceCell, RefCell},
    mem,
    time::Duration,
};
use std::{
    env, fs,
    net::TcpListener,
    os::unix::fs::{PermissionsExt as _, symlink},
    path::PathBuf,
    process::Command,
};

use btpow_devnet::{ALICE, BOB, CHARLIE, DAVE, Options};
use serde_json::Value;
use tempfile::TempDir;

use crate::{
    chain::{state::Chain, terminal::Terminal, wallet::Wallet},
    common::{
        self,
        markdown::{Block, Page},
    },
    exceptions::{EXCEPTIONS, Instead},
    likeness,
};

/// The question that a reader answers, as a page shows it.
const QUESTION: &str = "[y/N] ";
const ANSWER: &str = "y";

/// The processor of the pages, in the words of `btpow devices`.
const PROCESSOR: &str = "AMD EPYC";
const ISA: &str = "avx512";
/// What stands before the name of an instruction set.
const BEFORE_ISA: [&str; 3] = [", ", "\u{d7} ", "\"isa\":\""];

/// What is typed instead, so that it ends soon and meets nothing else on this machine; `{chain}` and the others are the session's.
const SUBSTITUTES: [(&str, &str); 6] = [
    ("--network local", "--network local --network {chain}"),
    (":4720", ":{port}"),
    (":4721", ":{other port}"),
    (
        "nats-server -a 127.0.0.1",
        "nats-server -a 127.0.0.1 -p {port}",
    ),
    ("nats://127.0.0.1", "nats://127.0.0.1:{port}"),
    // Its solution is where the search begins, and not seconds or minutes later.
    (
        "solve --sample",
        "solve --sample --start 7726218657805161031",
    ),
];

/// Instead of cargo: the programs are compiled, and the test chain gets a port that is free and what it has built.
const CARGO: &str = r#"#!/bin/sh
case "$*" in
  'run --release -- '*) shift 3; exec btpow "$@";;
  'xtask devnet'*) shift 2; exec env XDG_CACHE_HOME='{cache}' btpow-devnet --port 0 "$@";;
  *) echo "cargo $*: no page has this" >&2; exit 1;;
esac
"#;

/// A page that is being read.
pub(crate) struct Session {
    /// What goes on in other terminals. It ends before the chain does.
    others: RefCell<Vec<Terminal>>,
    folder: TempDir,
    /// Started by the first command.
    chain: OnceCell<Chain>,
    _wallet: Wallet,
    ports: [u16; 2],
    /// The processor at hand, and its instruction set.
    machine: (String, String),
}

/// What a reader types.
#[derive(Debug)]
pub(crate) struct Typed {
    /// A line as the page has it.
    pub(crate) line: String,
    /// What the page shows below it, in a block of the kind `console`.
    shown: Option<String>,
}

/// The commands of a block: lines that begin with `$ ` where it shows what they print, otherwise all.
pub(crate) fn commands(block: &Block) -> Vec<Typed> {
    let mut commands: Vec<Typed> = Vec::new();
    for line in block.text.lines() {
        if block.kind == "console" {
            if let Some(line) = line.strip_prefix("$ ") {
                commands.push(Typed {
                    line: line.to_owned(),
                    shown: Some(String::new()),
                });
            } else if let Some(Typed {
                shown: Some(shown), ..
            }) = commands.last_mut()
            {
                *shown += line;
                shown.push('\n');
            }
        } else if !line.trim().is_empty() {
            commands.push(Typed {
                line: line.to_owned(),
                shown: None,
            });
        }
    }
    commands
}

impl Session {
    /// Makes what a reader of a page has: the program, a wallet `my-wallet`, and a chain that makes blocks.
    pub(crate) fn start(page: &Page) -> Self {
        let folder = tempfile::Builder::new().prefix("book-").tempdir();
        let folder = folder.expect("a folder");
        let programs = folder.path().join("bin");
        fs::create_dir(&programs).expect("a folder");
        let btpow = PathBuf::from(common::btpow("").get_program());
        let beside = btpow.parent().expect("a folder");
        symlink(&btpow, programs.join("btpow")).expect("a link");
        if page
            .blocks
            .iter()
            .any(|block| block.text.contains("cargo xtask devnet"))
        {
            let devnet = beside.join("btpow-devnet");
            assert!(
                devnet.exists(),
                "run `cargo xtask test book`, which compiles btpow-devnet"
            );
            symlink(devnet, programs.join("btpow-devnet")).expect("a link");
        }
        let cargo = programs.join("cargo");
        let cache = cache().display().to_string();
        fs::write(&cargo, CARGO.replace("{cache}", &cache)).expect("written");
        fs::set_permissions(&cargo, fs::Permissions::from_mode(0o700)).expect("executable");
        let wallet = wallet();
        fs::create_dir(folder.path().join(".bittensor")).expect("a folder");
        let wallets = folder.path().join(".bittensor/wallets");
        symlink(wallet.path(), wallets).expect("a link");
        // Both at once, or they might be the same.
        let listeners = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").expect("a port"));
        Self {
            ports: listeners.map(|it| it.local_addr().expect("an address").port()),
            chain: OnceCell::new(),
            _wallet: wallet,
            folder,
            machine: machine(),
            others: RefCell::default(),
        }
    }

    /// Types the commands of a block. The error says what came of one of them.
    pub(crate) fn follow(&self, block: &Block) -> Result<(), String> {
        // Lines without output may need each other's variables, so they are one script.
        let mut script = String::new();
        for typed in commands(block) {
            let line = &typed.line;
            let exception = EXCEPTIONS.iter().find(|(known, _)| known == line);
            match exception {
                Some((_, Instead::Nothing(reason))) => println!("not run: {line}: {reason}"),
                Some((_, Instead::StaysUntil(words))) => {
                    self.succeed(&mem::take(&mut script))?;
                    let mut terminal = self.terminal(&format!("exec {}", self.adapted(line)));
                    terminal.shows(words);
                    self.check(&typed, &terminal.so_far())?;
                    self.others.borrow_mut().push(terminal);
                }
                None if typed.shown.is_some() => self.run(&typed)?,
                None => script += &format!("{}\n", self.adapted(line)),
            }
        }
        self.succeed(&script)
    }

    fn succeed(&self, script: &str) -> Result<(), String> {
        if script.is_empty() {
            return Ok(());
        }
        let mut terminal = self.terminal(&format!("set -e\n{script}"));
        // Should one ask, the answer waits for it.
        terminal.types(ANSWER);
        match terminal.end() {
            (0, _) => Ok(()),
            (code, printed) => Err(format!("it ended with {code}:\n{script}{printed}")),
        }
    }

    fn run(&self, typed: &Typed) -> Result<(), String> {
        let mut terminal = self.terminal(&self.adapted(&typed.line));
        let shown = typed.shown.as_deref().unwrap_or_default();
        if shown.contains(&format!("{QUESTION}{ANSWER}\n")) {
            terminal.shows(QUESTION);
            terminal.types(ANSWER);
        }
        let (code, printed) = terminal.end();
        if code != 0 {
            return Err(format!("{} ended with {code}:\n{printed}", typed.line));
        }
        self.check(typed, &printed)
    }

    fn check(&self, typed: &Typed, printed: &str) -> Result<(), String> {
        let Some(shown) = &typed.shown else {
            return Ok(());
        };
        let (processor, isa) = &self.machine;
        let mut printed = printed.replace('\r', "").replace(processor, PROCESSOR);
        for before in BEFORE_ISA {
            printed = printed.replace(&format!("{before}{isa}"), &format!("{before}{ISA}"));
        }
        let compared = likeness::compare(shown, &printed);
        compared.map_err(|complaint| format!("{}\n{complaint}", typed.line))
    }

    /// The endpoint of a chain whose blocks give even a busy machine time to send a proof.
    fn chain(&self) -> &str {
        let start = || {
            Chain::start(&Options {
                block_time: Some(Duration::from_secs(2)),
                difficulty: 100_000,
                ..Options::default()
            })
        };
        self.chain.get_or_init(start).endpoint()
    }

    fn adapted(&self, line: &str) -> String {
        let mut adapted = line.to_owned();
        for (from, to) in SUBSTITUTES {
            adapted = adapted.replace(from, to);
        }
        adapted
            .replace("{chain}", self.chain())
            .replace("{port}", &self.ports[0].to_string())
            .replace("{other port}", &self.ports[1].to_string())
    }

    /// A terminal without a name, so that nothing is drawn over.
    fn terminal(&self, script: &str) -> Terminal {
        let home = self.folder.path();
        let system = env::var_os("PATH").unwrap_or_default();
        let programs = [home.join("bin")].into_iter();
        // Debian has servers there, and not everybody's path does.
        let servers = [PathBuf::from("/usr/sbin")];
        let path = programs.chain(env::split_paths(&system)).chain(servers);
        let path = env::join_paths(path);
        let mut command = Command::new("bash");
        command
            .env("HOME", home)
            .env("PATH", path.expect("a path"))
            .env("BT_SUBTENSOR_CHAIN_ENDPOINT", self.chain())
            .args(["-c", &format!("cd ~\n{script}")]);
        Terminal::start(&command)
    }
}

/// A wallet with keys that have no UID.
fn wallet() -> Wallet {
    let wallet = Wallet::new(&ALICE, &BOB);
    wallet.add_hotkey("my-hotkey", &BOB);
    wallet.add_hotkey("first", &CHARLIE);
    wallet.add_hotkey("second", &DAVE);
    let path = wallet.path();
    fs::rename(path.join("default"), path.join("my-wallet")).expect("a name");
    wallet
}

/// The folder for caches of whoever runs the tests.
fn cache() -> PathBuf {
    let cache = env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    cache.unwrap_or_else(|| env::home_dir().expect("a home").join(".cache"))
}

/// The processor of this machine, and its fastest instruction set.
fn machine() -> (String, String) {
    let listed: Value = common::object(&common::run("devices --json").stdout);
    let devices = listed["devices"].as_array().expect("an array");
    let cpu = devices
        .iter()
        .find(|it| it["kind"] == "cpu")
        .expect("a CPU");
    let text = |field| common::text(cpu, field).to_owned();
    (text("description"), text("isa"))
}

#[test]
fn commands_of_the_book_are_told_from_what_they_print() {
    let block = |kind: &str, text: &str| Block {
        line: 1,
        kind: kind.to_owned(),
        text: text.to_owned(),
    };
    let lines = |block: &Block| {
        let typed = commands(block).into_iter();
        typed.map(|it| (it.line, it.shown)).collect::<Vec<_>>()
    };
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(
        lines(&block("console", "$ one\n1\n2\n$ two\n")),
        [
            ("one".to_owned(), some("1\n2\n")),
            ("two".to_owned(), some(""))
        ]
    );
    assert_eq!(
        lines(&block("sh", "one\n\ntwo $ three\n")),
        [("one".to_owned(), None), ("two $ three".to_owned(), None)]
    );
}
