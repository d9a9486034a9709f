//! A challenge and what it was made from.

use btpow_core::{Challenge, Protocol, PublicKey, Seal};

/// A challenge and the facts that it was made from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Task {
    /// What is hashed.
    pub challenge: Challenge,
    /// The subnet, in v1.
    pub netuid: Option<u16>,
    /// The block's number, where given.
    pub block_number: Option<u32>,
    /// The hotkey, or the key that a legacy challenge is for.
    pub hotkey: PublicKey,
    /// The key that signs, in v1.
    pub coldkey: Option<PublicKey>,
}

impl Task {
    /// The flags that describe the same task, for a shell.
    pub fn flags(&self) -> String {
        let mut flags = match self.challenge.protocol() {
            Protocol::V1 => String::new(),
            Protocol::Legacy(order) => format!("--protocol legacy --order {} ", order.name()),
        };
        if let Some(netuid) = self.netuid {
            flags += &format!("--netuid {netuid} ");
        }
        flags += &format!(
            "--block-hash {} --hotkey {}",
            Seal(self.challenge.block_hash()),
            self.hotkey
        );
        if let Some(coldkey) = self.coldkey {
            flags += &format!(" --coldkey {coldkey}");
        }
        flags
    }
}
