//! The flags that say what a block asks, and the challenge that they make.

use btpow_core::{Challenge, Difficulty, Order, Protocol, PublicKey};
use clap::Args;

use super::{
    Usage,
    value::{self, ProtocolName},
};
use crate::task::Task;

/// The flags that say what a block asks.
#[derive(Args, Clone, Debug)]
pub struct ChallengeArgs {
    /// Protocol: v1 (the default) or legacy
    ///
    /// v1 is the 131-byte message of `pow_register`, on finney since spec 475. legacy is the
    /// 40-byte message of `register` up to spec 393 and of the faucet.
    #[arg(long, value_name = "NAME", value_parser = value::PROTOCOL, hide_possible_values = true)]
    pub protocol: Option<ProtocolName>,

    /// Byte order of a legacy seal: big or little
    ///
    /// Runtimes up to spec 277 and the Python SDK read a seal big-endian, later runtimes and the faucet
    /// little-endian. A nonce that wins under one order does not win under the other.
    #[arg(long, value_name = "ORDER", value_parser = value::ORDER, hide_possible_values = true)]
    pub order: Option<Order>,

    /// Subnet to register on, 1 to 65535 (v1)
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = value::netuid)]
    pub netuid: Option<u16>,

    /// Hash of the block that asks, 0x and 64 digits
    #[arg(long, value_name = "0xHASH", value_parser = value::block_hash)]
    pub block_hash: Option<[u8; 32]>,

    /// Hotkey, an SS58 address or 0x-hex public key
    ///
    /// Only public keys: mining needs no secret and never asks for one. For the legacy faucet, give the
    /// coldkey here.
    #[arg(long, value_name = "KEY", value_parser = value::public_key)]
    pub hotkey: Option<PublicKey>,

    /// Coldkey that will sign, likewise (v1)
    #[arg(long, value_name = "KEY", value_parser = value::public_key)]
    pub coldkey: Option<PublicKey>,

    /// Number of the block, repeated in the output
    #[arg(
        long,
        value_name = "N",
        allow_negative_numbers = true,
        hide_short_help = true,
        value_parser = value::block_number
    )]
    pub block_number: Option<u32>,
}

impl ChallengeArgs {
    /// What the block asks.
    ///
    /// # Errors
    ///
    /// The first flag that is missing or belongs to the other protocol.
    pub fn task(&self) -> Result<Task, Usage> {
        match protocol(self.protocol, self.order, None)? {
            Protocol::V1 => {
                let netuid = given_netuid(self.netuid)?;
                let block_hash = self.given_block_hash()?;
                let hotkey = given_key("--hotkey", self.hotkey)?;
                let coldkey = given_key("--coldkey", self.coldkey)?;
                let challenge = Challenge::v1(netuid, block_hash, hotkey.0, coldkey.0);
                Ok(Task {
                    challenge: challenge.map_err(|error| Usage::of("--netuid", error))?,
                    netuid: Some(netuid),
                    block_number: self.block_number,
                    hotkey,
                    coldkey: Some(coldkey),
                })
            }
            Protocol::Legacy(order) => {
                let remedy = "drop it, or use v1";
                if self.netuid.is_some() {
                    let problem = "a legacy message has no netuid";
                    return Err(Usage::new("--netuid", problem, remedy));
                }
                let block_hash = self.given_block_hash()?;
                let hotkey = given_key("--hotkey", self.hotkey)?;
                if self.coldkey.is_some() {
                    let problem = "a legacy message has one key, given as --hotkey";
                    return Err(Usage::new("--coldkey", problem, remedy));
                }
                Ok(Task {
                    challenge: Challenge::legacy(order, block_hash, hotkey.0),
                    netuid: None,
                    block_number: self.block_number,
                    hotkey,
                    coldkey: None,
                })
            }
        }
    }

    fn given_block_hash(&self) -> Result<[u8; 32], Usage> {
        self.block_hash
            .ok_or_else(|| Usage::missing("--block-hash", "0x and 64 digits"))
    }
}

/// The protocol that `--protocol` and `--order` name; `default` is the order of legacy if none is given.
///
/// # Errors
///
/// An order with v1, or legacy without any order.
pub fn protocol(
    name: Option<ProtocolName>,
    order: Option<Order>,
    default: Option<Order>,
) -> Result<Protocol, Usage> {
    match name.unwrap_or(ProtocolName::V1) {
        ProtocolName::V1 if order.is_some() => {
            let problem = "v1 seals are always little-endian";
            let remedy = "drop it, or add --protocol legacy";
            Err(Usage::new("--order", problem, remedy))
        }
        ProtocolName::V1 => Ok(Protocol::V1),
        ProtocolName::Legacy => {
            let remedy = "add --order big for runtimes up to spec 277 and the Python SDK, \
                          --order little for later ones and the faucet";
            let order = order.or(default);
            let order = order.ok_or_else(|| Usage::new("--order", "missing", remedy))?;
            Ok(Protocol::Legacy(order))
        }
    }
}

/// The value of `--netuid`, which is required.
///
/// # Errors
///
/// It was not given.
pub fn given_netuid(netuid: Option<u16>) -> Result<u16, Usage> {
    netuid.ok_or_else(|| Usage::missing("--netuid", "the subnet's number"))
}

/// The public key of `flag`, which is required.
///
/// # Errors
///
/// It was not given.
pub fn given_key(flag: &str, key: Option<PublicKey>) -> Result<PublicKey, Usage> {
    key.ok_or_else(|| Usage::missing(flag, "an SS58 address or a 0x-hex public key"))
}

/// The value of `--difficulty`, which is required.
///
/// # Errors
///
/// It was not given.
pub fn given_difficulty(difficulty: Option<Difficulty>) -> Result<Difficulty, Usage> {
    difficulty.ok_or_else(|| Usage::missing("--difficulty", "like 10M, 1e7 or 10000000"))
}

/// The value of `--nonce`, which is required.
///
/// # Errors
///
/// It was not given.
pub fn given_nonce(nonce: Option<u64>) -> Result<u64, Usage> {
    nonce.ok_or_else(|| Usage::missing("--nonce", "a number from 0 to 18446744073709551615"))
}
