//! The verdict for people and for programs.

use btpow_core::{Protocol, Seal};
use btpow_registration::{Standing, Subnet};
use indicatif::HumanCount;
use schemars::JsonSchema;
use serde::Serialize;

use super::findings::Findings;
use crate::{
    chain::{Network, Start},
    report::units,
};

/// The JSON answer.
#[derive(Debug, JsonSchema, Serialize)]
pub(crate) struct Answer {
    network: String,
    endpoint: String,
    chain: String,
    genesis: String,
    /// Whether another genesis would have been refused.
    genesis_pinned: bool,
    spec_name: String,
    spec_version: u32,
    block_number: u64,
    block_hash: String,
    /// Why the endpoint may not know the newest blocks; null if nothing says so.
    behind: Option<String>,
    /// `v1`, `legacy` or null where the runtime takes no proof.
    protocol: Option<&'static str>,
    order: Option<&'static str>,
    faucet: bool,
    /// Blocks for which a proof counts.
    window: Option<u64>,
    subnet: Option<SubnetFields>,
    /// How many subnets take proofs of work; null if the user named one.
    subnets_open: Option<usize>,
    hotkey: Option<String>,
    coldkey: Option<String>,
    uid: Option<u16>,
    owner: Option<String>,
    /// Whether the chain would take a registration now; null if something is not known.
    ready: Option<bool>,
    /// The key file that `btpow register` would sign with and that the wallet lacks. `btpow mine` needs none.
    missing_key_file: Option<String>,
    /// Why not, as a name and in words. `wallet` and `behind` are not reasons of the chain's.
    reason: Option<&'static str>,
    explanation: Option<String>,
    hash_rate: Option<f64>,
    expected_time: Option<f64>,
}

#[derive(Debug, JsonSchema, Serialize)]
struct SubnetFields {
    netuid: u16,
    exists: bool,
    pow_allowed: bool,
    difficulty: String,
    min_difficulty: String,
    max_difficulty: String,
    registrations_this_block: u16,
    max_registrations_per_block: u16,
    uids: u16,
    max_uids: u16,
}

pub(super) fn people(network: &Network, findings: &Findings) -> String {
    let Start {
        connection,
        runtime,
        head,
        behind,
    } = &findings.start;
    let mut text = format!(
        "chain       {} ({}), block {}, at {}\n\
         genesis     {}\n\
         pinned      {}\n\
         runtime     {} {}: {}\n",
        connection.chain(),
        network.name(),
        head.number,
        connection.endpoint().way(),
        Seal(connection.genesis()),
        network.about_pin(),
        runtime.name(),
        runtime.spec_version(),
        accepts(findings),
    );
    if let Some(behind) = behind {
        text += &format!("behind      {behind}\n");
    }
    if let Ok(protocol) = findings.protocol {
        text += &format!(
            "window      a proof counts for the {} blocks after its own\n",
            protocol.max_work_age()
        );
    }
    if let Some(open) = findings.subnets_open {
        text += &format!("subnets     {open} take proofs of work; `btpow subnets` lists them\n");
    }
    if let Some((netuid, subnet)) = findings.subnet() {
        text += &about(netuid, subnet);
    }
    for (name, key) in [
        ("hotkey", findings.keys.hotkey),
        ("coldkey", findings.keys.coldkey),
    ] {
        if let Some(key) = key {
            text += &format!("{name:<11} {key}");
            if let Some(wallet) = &findings.keys.wallet {
                text += &format!(" ({}/{})", wallet.name(), wallet.hotkey_name());
            }
            text.push('\n');
        }
    }
    if let Some((rate, rows)) = &findings.rate {
        let rows: Vec<_> = rows.iter().map(|row| row.listed.to_string()).collect();
        text += &format!(
            "this rig    {} on {}\n",
            units::rate(*rate),
            rows.join("; ")
        );
    }
    if let Some(expected) = findings.expected() {
        text += &format!(
            "expected    {} for a proof, on average\n",
            units::time(expected)
        );
    }
    text + &verdict(findings)
}

fn accepts(findings: &Findings) -> String {
    let mut text = match findings.protocol {
        Ok(Protocol::V1) => {
            "takes v1 proofs by pow_register, signed by the coldkey, without a fee".to_owned()
        }
        Ok(Protocol::Legacy(order)) => format!(
            "takes legacy proofs, {}-endian, by register, signed by the hotkey",
            order.name()
        ),
        Err(_) => "takes no proof".to_owned(),
    };
    if findings.start.runtime.faucet().is_ok() {
        text += "; has a faucet";
    }
    text
}

fn about(netuid: u16, subnet: &Subnet) -> String {
    if !subnet.exists {
        return format!("subnet {netuid:<4} does not exist\n");
    }
    format!(
        "subnet {netuid:<4} proof of work is {}\n\
         difficulty  {} (bounds {} to {})\n\
         this block  {} of {} registrations\n\
         keys        {} of {}\n",
        if subnet.pow_allowed { "on" } else { "off" },
        HumanCount(subnet.difficulty.get()),
        HumanCount(subnet.bounds.low),
        HumanCount(subnet.bounds.high),
        subnet.registrations.now,
        subnet.registrations.most,
        subnet.uids.now,
        subnet.uids.most,
    )
}

fn verdict(findings: &Findings) -> String {
    match (&findings.standing, findings.ready()) {
        // An error on standard error says it.
        _ if findings.reason().is_some() => String::new(),
        (Some(Standing::Registered { uid }), _) => {
            format!("verdict     already registered, as UID {uid}\n")
        }
        (Some(_), Some(true)) => findings.missing.as_ref().map_or_else(
            || "verdict     `btpow register` would be accepted now\n".to_owned(),
            |path| {
                format!(
                    "verdict     the chain would take a proof now; `btpow register` needs {} to sign it, which is \
                     missing; `btpow mine` needs no secret\n",
                    path.display()
                )
            },
        ),
        (Some(_), _) => {
            "verdict     the subnet takes proofs; name a wallet with --wallet-name to check its keys\n"
                .to_owned()
        }
        (None, _) => "verdict     name a subnet with --netuid to know more\n".to_owned(),
    }
}

impl Answer {
    pub(super) fn new(network: &Network, findings: &Findings) -> Self {
        let Start {
            connection,
            runtime,
            head,
            behind,
        } = &findings.start;
        let protocol = findings.protocol.as_ref().ok();
        let text = |number: u64| number.to_string();
        let uid = match findings.standing {
            Some(Standing::Registered { uid }) => Some(uid),
            _ => findings.state.hotkey.uid,
        };
        Self {
            network: network.name().to_owned(),
            endpoint: connection.endpoint().to_string(),
            chain: connection.chain().to_owned(),
            genesis: Seal(connection.genesis()).to_string(),
            genesis_pinned: network.genesis().is_some(),
            spec_name: runtime.name().to_owned(),
            spec_version: runtime.spec_version(),
            block_number: head.number,
            block_hash: Seal(head.hash).to_string(),
            behind: behind.map(|behind| behind.to_string()),
            protocol: protocol.map(|it| it.name()),
            order: protocol.map(|it| it.order().name()),
            faucet: runtime.faucet().is_ok(),
            window: protocol.map(|it| it.max_work_age()),
            subnet: findings.subnet().map(|(netuid, subnet)| SubnetFields {
                netuid,
                exists: subnet.exists,
                pow_allowed: subnet.pow_allowed,
                difficulty: text(subnet.difficulty.get()),
                min_difficulty: text(subnet.bounds.low),
                max_difficulty: text(subnet.bounds.high),
                registrations_this_block: subnet.registrations.now,
                max_registrations_per_block: subnet.registrations.most,
                uids: subnet.uids.now,
                max_uids: subnet.uids.most,
            }),
            subnets_open: findings.subnets_open,
            hotkey: findings.keys.hotkey.map(|key| key.to_string()),
            coldkey: findings.keys.coldkey.map(|key| key.to_string()),
            uid,
            owner: findings.state.hotkey.owner.map(|key| key.to_string()),
            ready: findings.ready(),
            missing_key_file: findings.missing.as_ref().map(|it| it.display().to_string()),
            reason: findings.reason(),
            explanation: findings.explanation(),
            hash_rate: findings.rate(),
            expected_time: findings.expected(),
        }
    }
}
