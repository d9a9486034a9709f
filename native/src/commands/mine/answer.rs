//! Proofs as they are printed: for people, for programs, and for btcli.

use btpow_core::{Protocol, Seal};
use btpow_registration::{Call, Goal, Proof};
use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    chain::Network,
    commands::common::keys::Keys,
    registration::driver::Shown,
    report::{json, units},
    wallet::Wallet,
};

/// A line of the JSON answer.
#[derive(Debug, JsonSchema, Serialize)]
#[serde(untagged)]
pub(crate) enum Line {
    Proof(Box<ProofFields>),
    Unmined(UnminedFields),
}

/// A proof in JSON.
#[derive(Debug, JsonSchema, Serialize)]
pub(crate) struct ProofFields {
    protocol: &'static str,
    order: &'static str,
    netuid: u16,
    block_number: u64,
    block_hash: String,
    hotkey: String,
    coldkey: String,
    difficulty: String,
    nonce: String,
    seal: String,
    /// The last block that may hold it.
    last_block: u64,
    /// The key that must sign.
    signer: String,
    genesis: String,
    spec_version: u32,
    /// The call, encoded: pallet, call, arguments.
    call: String,
    /// The same with the names of the metadata.
    call_json: serde_json::Value,
    /// The btcli command that signs and sends it; null if btcli has no such call.
    btcli: Option<String>,
}

/// That nothing is mined any more, or at all, in JSON, with the words of `register`.
#[derive(Debug, JsonSchema, Serialize)]
pub(crate) struct UnminedFields {
    /// `registered` if somebody has signed a proof meanwhile, `already_registered` if it was so at the start;
    /// `dry_run`.
    pub(super) status: &'static str,
    pub(super) netuid: u16,
    pub(super) uid: Option<u16>,
    pub(super) hotkey: String,
    pub(super) coldkey: String,
}

pub(super) fn people(
    goal: &Goal,
    protocol: Protocol,
    btcli: Option<String>,
    shown: &Shown<'_>,
) -> String {
    let proof = shown.proof.work.proof;
    let signer = goal.signer(protocol);
    let whose = match protocol {
        Protocol::V1 => "coldkey",
        Protocol::Legacy(_) => "hotkey",
    };
    let btcli = btcli.map_or_else(String::new, |line| format!("btcli    {line}\n"));
    format!(
        "proof    for block {}, counts until block {} ({})\n\
         nonce    {}\n\
         seal     {}\n\
         call     0x{}\n\
         sign     SubtensorModule.{} with the {whose} {signer}\n{btcli}\n",
        proof.work_block,
        proof.work_block + protocol.max_work_age(),
        units::more_blocks(shown.proof.blocks_left),
        proof.nonce,
        proof.seal,
        hex(&shown.proof.call.encode()),
        shown.proof.call.name(),
    )
}

/// The same call for the official client, which lets a Ledger, a multisig or a proxy sign it.
///
/// It names the network and the wallet of the coldkey, or a placeholder: otherwise btcli would choose others
/// by itself and mine its own proof for their coldkey, which would then own the hotkey.
pub(super) fn btcli(call: &Call, network: &Network, keys: &Keys) -> Option<String> {
    let Call::PowRegister {
        netuid,
        proof,
        hotkey,
    } = call
    else {
        return None;
    };
    let Proof {
        work_block,
        nonce,
        seal,
    } = proof;
    let mut line = format!(
        "btcli tx pow-register --netuid {netuid} --work-block {work_block} --nonce {nonce} \
         --work-hex {seal} --hotkey {hotkey}"
    );
    let network = network.for_btcli();
    line += &network.map_or_else(
        || " --network 'YOUR ENDPOINT'".to_owned(),
        |network| format!(" --network {network}"),
    );
    // A wallet named only for its hotkey has another coldkey.
    let of_coldkey = |wallet: &&Wallet| {
        let theirs = wallet.coldkey_public().ok();
        theirs.is_some() && theirs == keys.coldkey
    };
    let wallet = keys.wallet.as_ref().filter(of_coldkey);
    line += &match (wallet, keys.coldkey) {
        (Some(wallet), _) => format!(
            " --wallet {} --wallet-path {}",
            quoted(wallet.name()),
            quoted(&wallet.path().to_string_lossy())
        ),
        (None, Some(coldkey)) => format!(" --wallet 'THE WALLET OF {coldkey}'"),
        (None, None) => String::new(),
    };
    Some(line)
}

/// The text as one types it into a shell.
fn quoted(text: &str) -> String {
    let plain = |it: char| it.is_ascii_alphanumeric() || "-_./".contains(it);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl ProofFields {
    pub(super) fn new(
        goal: &Goal,
        protocol: Protocol,
        genesis: [u8; 32],
        btcli: Option<String>,
        shown: &Shown<'_>,
    ) -> Self {
        let Goal::Register {
            netuid,
            hotkey,
            coldkey,
        } = *goal
        else {
            unreachable!("mine has no other goal")
        };
        let work = shown.proof.work;
        let proof = work.proof;
        Self {
            protocol: protocol.name(),
            order: protocol.order().name(),
            netuid,
            block_number: proof.work_block,
            block_hash: Seal(work.block_hash).to_string(),
            hotkey: hotkey.to_string(),
            coldkey: coldkey.to_string(),
            difficulty: work.difficulty.get().to_string(),
            nonce: proof.nonce.to_string(),
            seal: proof.seal.to_string(),
            last_block: proof.work_block + protocol.max_work_age(),
            signer: goal.signer(protocol).to_string(),
            genesis: Seal(genesis).to_string(),
            spec_version: shown.runtime.spec_version(),
            call: format!("0x{}", hex(&shown.proof.call.encode())),
            call_json: json::call(&shown.proof.call),
            btcli,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use btpow_core::PublicKey;

    use super::*;
    use crate::chain::network::Destination;

    /// btcli mines for the coldkey of the wallet it gets, which must be the proof's.
    #[test]
    fn btcli_gets_only_the_wallet_of_the_coldkey() {
        let folder = tempfile::tempdir().expect("a folder");
        let (own, ledger) = (PublicKey([1; 32]), PublicKey([2; 32]));
        let wallet = Wallet::new(folder.path(), "hot", None).expect("a name");
        fs::create_dir(wallet.folder()).expect("a folder");
        let file = wallet.folder().join("coldkeypub.txt");
        let key = hex(&own.0);
        fs::write(file, format!(r#"{{"publicKey":"0x{key}"}}"#)).expect("written");
        let call = Call::PowRegister {
            netuid: 1,
            proof: Proof {
                work_block: 2,
                nonce: 3,
                seal: Seal([4; 32]),
            },
            hotkey: PublicKey([5; 32]),
        };
        let network = Network::new(&[Destination::Named("test")], None, false).expect("known");
        let given = |coldkey, wallet: Option<&Wallet>| {
            let keys = Keys {
                hotkey: None,
                coldkey: Some(coldkey),
                wallet: wallet.cloned(),
            };
            let line = btcli(&call, &network, &keys).expect("a line");
            let (_, given) = line.split_once(" --wallet ").expect("a wallet");
            given.to_owned()
        };
        assert!(given(own, Some(&wallet)).starts_with("hot --wallet-path "));
        for (coldkey, wallet) in [(ledger, Some(&wallet)), (ledger, None), (own, None)] {
            assert_eq!(given(coldkey, wallet), format!("'THE WALLET OF {coldkey}'"));
        }
    }
}
