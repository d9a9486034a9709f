//! A running chain.

use std::process::Command;
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::artifacts::{self, Artifacts};
use crate::node::Node;
use crate::rpc::{Client, hex, unhex};
use crate::{Options, Variant, genesis};

/// A chain on this machine, which ends when dropped. Several can run at a time.
pub struct Devnet {
    endpoint: String,
    client: Mutex<Client>,
    // After the client: fields are dropped in this order.
    node: Node,
}

impl Devnet {
    /// Starts a chain at block 1. It first builds what is missing, which takes minutes the first time; a second process that
    /// needs the same waits for it.
    ///
    /// # Errors
    ///
    /// When something cannot be built or installed, or the port is taken.
    pub fn start(options: &Options) -> Result<Self> {
        let artifacts = artifacts::ensure(&[options.variant])?;
        let configuration = json!({
            "genesis": genesis::chain_spec(options),
            "code": artifacts.runtime(options.variant),
            "blockTime": options.block_time.map(|time| time.as_secs_f64() * 1e3),
            "port": options.port,
        });
        let node = Node::start(command(&artifacts), &configuration)?;
        Ok(Self {
            endpoint: format!("ws://127.0.0.1:{}", node.port),
            client: Mutex::new(Client::connect(node.port)?),
            node,
        })
    }

    /// Where it listens: `ws://127.0.0.1:PORT`.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Calls any method, on our own connection.
    ///
    /// # Errors
    ///
    /// An [`RpcError`](crate::RpcError) when the chain refuses, another when it does not answer.
    pub fn rpc(&self, method: &str, params: Value) -> Result<Value> {
        let mut client = self.client.lock().unwrap_or_else(PoisonError::into_inner);
        client.request(method, &params)
    }

    /// Makes a block of all waiting transactions. Returns its number.
    ///
    /// # Errors
    ///
    /// When it cannot be built.
    pub fn new_block(&self) -> Result<u64> {
        let hash = self.rpc("dev_newBlock", json!([]))?;
        self.number(hash)
    }

    /// Stops the timer of [`Options::block_time`]; a block under way is still finished.
    ///
    /// # Errors
    ///
    /// When the chain does not answer.
    pub fn pause_blocks(&self) -> Result<()> {
        self.rpc("devnet_pauseBlocks", json!([])).map(drop)
    }

    /// Starts the timer again.
    ///
    /// # Errors
    ///
    /// When the chain does not answer.
    pub fn resume_blocks(&self) -> Result<()> {
        self.rpc("devnet_resumeBlocks", json!([])).map(drop)
    }

    /// Number and hash of the newest block.
    ///
    /// # Errors
    ///
    /// When the chain does not answer.
    pub fn head(&self) -> Result<(u64, [u8; 32])> {
        let hash = self.rpc("chain_getBlockHash", json!([]))?;
        let bytes = unhex(hash.as_str().context("a hash is text")?)?;
        let bytes = bytes.try_into().ok().context("a hash has 32 bytes")?;
        Ok((self.number(hash)?, bytes))
    }

    fn number(&self, hash: Value) -> Result<u64> {
        let header = self.rpc("chain_getHeader", json!([hash]))?;
        let number = header["number"]
            .as_str()
            .and_then(|number| number.strip_prefix("0x"));
        let number = number.context("a header has a number")?;
        Ok(u64::from_str_radix(number, 16)?)
    }

    /// The raw value of a storage key at the newest block.
    ///
    /// # Errors
    ///
    /// When the chain does not answer.
    pub fn storage(&self, key: &[u8]) -> Result<Option<Vec<u8>>> {
        let value = self.rpc("state_getStorage", json!([hex(key)]))?;
        value.as_str().map(unhex).transpose()
    }

    /// Changes the state of the newest block, as no real chain can: its hash stays, whoever reads
    /// the key at it afterwards sees the new value, the transaction pool and all later blocks go on
    /// from it, and nobody is told. To be seen by programs that look at each block once, make a
    /// block after it. With `None` the key is removed.
    ///
    /// The runtime itself is changed by [`Self::upgrade`].
    ///
    /// # Errors
    ///
    /// When the chain does not answer.
    pub fn set_storage(&self, entries: &[(Vec<u8>, Option<Vec<u8>>)]) -> Result<()> {
        let entries: Vec<_> = entries
            .iter()
            .map(|(key, value)| (hex(key), value.as_deref().map(hex)))
            .collect();
        self.rpc("dev_setStorage", json!([entries])).map(drop)
    }

    /// Makes an earlier block the newest, which is announced as such: a re-organisation. The blocks
    /// that follow have other hashes than those before, which stay readable by hash. Transactions
    /// of the blocks that are gone are not sent again.
    ///
    /// # Errors
    ///
    /// When there is no such block. Block 0 cannot be made the newest.
    pub fn set_head(&self, number: u64) -> Result<()> {
        self.rpc("devnet_setHead", json!([number])).map(drop)
    }

    /// Makes a block whose state has another runtime, which executes the blocks after it.
    ///
    /// # Errors
    ///
    /// When that runtime cannot be built, or the chain does not answer.
    pub fn upgrade(&self, to: Variant) -> Result<()> {
        let artifacts = artifacts::ensure(&[to])?;
        self.rpc("devnet_upgrade", json!([artifacts.runtime(to)]))?;
        let version = self.rpc("state_getRuntimeVersion", json!([]))?;
        ensure!(
            version["specVersion"] == to.spec_version(),
            "the chain has {version} after the upgrade to {to}"
        );
        Ok(())
    }

    /// What chopsticks has logged: warnings, errors, refused transactions.
    #[must_use]
    pub fn log(&self) -> String {
        self.node.log()
    }

    /// Whether the chain has ended by itself, or somebody else has ended it.
    ///
    /// # Errors
    ///
    /// When the system does not know.
    pub fn has_ended(&mut self) -> Result<bool> {
        self.node.has_ended()
    }

    /// Ends the chain. Dropping it does the same.
    pub fn stop(self) {}
}

fn command(artifacts: &Artifacts) -> Command {
    let mut command = Command::new(artifacts.node());
    if cfg!(target_os = "linux") {
        // chopsticks reads storage from block to block, back to the first: some two thousand are too many for Node's default.
        command.arg("--stack-size=7000");
    }
    command
        .arg(artifacts.source().join("host/node/devnet.mjs"))
        .arg(artifacts.node_modules())
        // Of chopsticks: its default tells of every block.
        .env("LOG_LEVEL", "warn")
        // What the user has set for other programs must not change this one.
        .env_remove("NODE_OPTIONS");
    command
}
