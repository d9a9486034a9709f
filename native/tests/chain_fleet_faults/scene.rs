//! What is there at the beginning, and what has to be there in the end.

use std::process::Command;

use btpow_devnet::{ALICE, BOB};
use serde_json::json;

use crate::{
    chain::{
        program::{self, Program},
        state::{Chain, EASY, HARD},
        wallet::Wallet,
    },
    fleet::{
        self, LEAD, rig_by,
        server::{COORDINATOR, Server},
    },
};

/// What a coordinator says once it leads from its beginning, once it has sent something, and once it leads since another one
/// is silent.
pub(crate) const LEADS: &str = "this coordinator leads the fleet";
pub(crate) const SUBMITTED: &str = "submitted; waiting for a block";
pub(crate) const TOOK_OVER: &str = "this coordinator leads the fleet now";

/// So many blocks after its own no proof counts.
pub(crate) const WINDOW: u64 = 6;

/// A difficulty that takes three rigs of these tests some seconds.
pub(crate) const SECONDS: u64 = 20_000_000;

/// A chain on which nothing is found yet, a server, and a wallet.
pub(crate) struct Scene {
    pub(crate) chain: Chain,
    pub(crate) server: Server,
    pub(crate) wallet: Wallet,
}

impl Scene {
    pub(crate) fn new() -> Self {
        let chain = Chain::easy();
        chain.set_difficulty(1, HARD);
        chain.block();
        Self {
            chain,
            server: Server::start(),
            wallet: Wallet::new(&ALICE, &BOB),
        }
    }

    /// The command of a coordinator without devices, on this way to the server and this way to the chain.
    pub(crate) fn coordinator(&self, server: &str, endpoint: &str, arguments: &str) -> Command {
        let arguments = format!("{LEAD} {arguments}");
        let command = program::with(&self.wallet, endpoint, &arguments);
        fleet::by(command, &self.server, server, COORDINATOR)
    }

    /// A coordinator that leads.
    pub(crate) fn lead(&self, server: &str, endpoint: &str) -> Program {
        let program = Program::start(self.coordinator(server, endpoint, ""));
        program.says(LEADS);
        program
    }

    /// The commands of three rigs on this way to the server; two have one name.
    pub(crate) fn rig_commands(&self, server: &str) -> [Command; 3] {
        [0, 1, 1].map(|place| rig_by(&self.server, server, place))
    }

    /// Three rigs that hash.
    pub(crate) fn rigs(&self, server: &str) -> [Program; 3] {
        self.rig_commands(server).map(|command| {
            let rig = Program::start(command);
            rig.says("hashing v1 for block");
            rig
        })
    }

    /// From the next block on, something is found at once.
    pub(crate) fn relax(&self) {
        self.chain.set_difficulty(1, EASY);
        self.chain.block();
    }

    /// From the next block on, something is found in some seconds, or later if a block comes before. The number of that block.
    pub(crate) fn relax_a_little(&self) -> u64 {
        self.chain.set_difficulty(1, SECONDS);
        self.chain.block()
    }

    /// So many blocks.
    pub(crate) fn blocks(&self, count: u64) {
        for _ in 0..count {
            self.chain.block();
        }
    }

    /// What this coordinator has sent registers the key, once and with one transaction, whoever else there is.
    pub(crate) fn registers(&self, coordinator: Program) {
        coordinator.says(SUBMITTED);
        self.chain.block();
        let told = coordinator.end().exits(0);
        told.answering(json!({ "status": "registered", "uid": 0 }));
        self.is_registered_once();
    }

    /// Whether it is, also after the next block.
    pub(crate) fn is_registered_once(&self) {
        self.chain.block();
        assert_eq!(self.chain.uid(1, &BOB), Some(0));
        assert_eq!(self.chain.owner(&BOB), Some(ALICE.public));
        assert_eq!(self.chain.nonce(&ALICE), 1, "more than one transaction");
    }
}

/// Ends rigs as a person does.
pub(crate) fn end(rigs: impl IntoIterator<Item = Program>) {
    for rig in rigs {
        rig.signal("INT");
        rig.end().exits(130);
    }
}
