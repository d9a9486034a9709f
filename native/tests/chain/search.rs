//! A search that goes on until its test ends it, and commands that end before one begins.

use btpow_devnet::{ALICE, Account, BOB};
use serde_json::json;

use super::{
    program::{self, Program, Told},
    proxy::{Proxy, SUBMIT},
    state::{Chain, EASY, HARD},
    wallet::Wallet,
};

/// What most tests search for.
pub(crate) const REGISTER: &str = "register --netuid 1 --yes --json --threads 1 -vv";

/// A chain where nothing is found until [`relax`](Search::relax), and a search on it.
pub(crate) struct Search {
    pub(crate) chain: Chain,
    pub(crate) proxies: Vec<Proxy>,
    pub(crate) program: Program,
    _wallet: Wallet,
}

impl Search {
    /// A search through this many proxies, which the program gets in this order.
    pub(crate) fn start(arguments: &str, proxies: usize) -> Self {
        let chain = Chain::easy();
        chain.set_difficulty(1, HARD);
        let proxies: Vec<_> = (0..proxies)
            .map(|_| Proxy::before(chain.endpoint()))
            .collect();
        let wallet = Wallet::new(&ALICE, &BOB);
        let mut command = program::with(&wallet, &proxies[0].endpoint(), arguments);
        for proxy in &proxies[1..] {
            command.args(["--network", &proxy.endpoint()]);
        }
        let program = Program::start(command);
        program.says("best block number=1");
        Self {
            chain,
            proxies,
            program,
            _wallet: wallet,
        }
    }

    /// From the next block on, a proof is found at once.
    pub(crate) fn relax(&self) {
        self.chain.set_difficulty(1, EASY);
        self.chain.block();
    }

    /// Counts what was sent, through all proxies.
    pub(crate) fn submissions(&self) -> usize {
        self.proxies.iter().map(|proxy| proxy.count(SUBMIT)).sum()
    }

    /// Expects it to register with one more block.
    pub(crate) fn registers(self, submissions: usize) {
        self.program.says_times(1, "submitted; waiting for a block");
        self.chain.block();
        assert_eq!(self.submissions(), submissions);
        let told = self.program.end().exits(0);
        told.answering(json!({ "status": "registered", "uid": 0 }));
        assert_eq!(self.chain.uid(1, &BOB), Some(0));
        assert_eq!(self.chain.nonce(&ALICE), 1);
    }
}

/// Runs a command that must end before anything is signed, which needs no secret.
#[track_caller]
pub(crate) fn refused(
    endpoint: &str,
    coldkey: &Account,
    hotkey: &Account,
    arguments: &str,
) -> Told {
    let proxy = Proxy::before(endpoint);
    let wallet = Wallet::public(coldkey, hotkey);
    let told = program::run(program::with(&wallet, &proxy.endpoint(), arguments));
    assert_eq!(proxy.count(SUBMIT), 0, "{told}");
    told
}

/// A search for what nobody finds, by public keys, with these flags.
pub(crate) fn mining(chain: &Chain, flags: &str) -> Program {
    chain.set_difficulty(1, HARD);
    let (hotkey, coldkey) = (BOB.ss58, ALICE.ss58);
    let arguments =
        format!("mine --netuid 1 --threads 1 --hotkey {hotkey} --coldkey {coldkey} -vv {flags}");
    Program::start(program::at(chain.endpoint(), &arguments))
}
