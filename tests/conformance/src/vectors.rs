//! The known answers of `tests/vectors`, described in the README there.

use btpow_core::{Challenge, Difficulty, Order, Seal, key::hex32};
use serde::{Deserialize, de::DeserializeOwned};

/// A nonce and its seal.
#[derive(Debug)]
pub struct SealVector {
    /// What is hashed.
    pub challenge: Challenge,
    /// The nonce.
    pub nonce: u64,
    /// The seal of both.
    pub seal: Seal,
}

/// The first solution at or after a nonce, in the order of the nonces as numbers.
#[derive(Debug)]
pub struct FirstSolution {
    /// What is hashed.
    pub challenge: Challenge,
    /// Expected seals per win.
    pub difficulty: Difficulty,
    /// Where the search begins.
    pub start: u64,
    /// The first nonce that wins.
    pub nonce: u64,
    /// Its seal.
    pub seal: Seal,
}

/// Every winning nonce in part of a group.
#[derive(Debug)]
pub struct GroupHits {
    /// What is hashed.
    pub challenge: Challenge,
    /// Expected seals per win.
    pub difficulty: Difficulty,
    /// Any nonce of the group.
    pub base: u64,
    /// The first offset to search.
    pub first_offset: u32,
    /// How many offsets to search.
    pub length: u32,
    /// Each winning offset and its nonce, ascending.
    pub hits: Vec<(u32, u64)>,
}

/// A difficulty and the largest seal that wins, big-endian.
#[derive(Debug)]
pub struct TargetVector {
    /// Expected seals per win.
    pub difficulty: Difficulty,
    /// `floor((2^256 - 1) / difficulty)`.
    pub target: [u8; 32],
}

/// A difficulty, its bounds, and the chain's result.
#[derive(Debug)]
pub struct EffectiveDifficulty {
    /// The subnet's difficulty, if set.
    pub difficulty: Option<u64>,
    /// Its lower bound, if set.
    pub minimum: Option<u64>,
    /// Its upper bound, if set.
    pub maximum: Option<u64>,
    /// The difficulty that applies.
    pub effective: u64,
}

/// `seal_v1.json` and `seal_legacy.json`. A legacy seal does not depend on the order, so each comes once per order.
pub fn seals() -> Vec<SealVector> {
    let mut all = Vec::new();
    for file in ["seal_v1.json", "seal_legacy.json"] {
        for raw in read::<Raw>(file) {
            let orders: &[&str] = if file == "seal_v1.json" {
                &["v1"]
            } else {
                &["big", "little"]
            };
            all.extend(orders.iter().map(|order| SealVector {
                challenge: raw.challenge(order),
                nonce: number(raw.nonce.as_ref()),
                seal: raw.seal(),
            }));
        }
    }
    all
}

/// `first_solution.json`.
pub fn first_solutions() -> Vec<FirstSolution> {
    let raws = read::<Raw>("first_solution.json");
    raws.iter()
        .map(|raw| FirstSolution {
            challenge: raw.challenge(raw.rules()),
            difficulty: raw.difficulty(),
            start: number(raw.start.as_ref()),
            nonce: number(raw.nonce.as_ref()),
            seal: raw.seal(),
        })
        .collect()
}

/// `group_hits.json`.
pub fn group_hits() -> Vec<GroupHits> {
    let raws = read::<Raw>("group_hits.json");
    raws.iter()
        .map(|raw| GroupHits {
            challenge: raw.challenge(raw.rules()),
            difficulty: raw.difficulty(),
            base: number(raw.base.as_ref()),
            first_offset: word(number(raw.first_offset.as_ref())),
            length: word(number(raw.length.as_ref())),
            hits: raw
                .hits
                .iter()
                .flatten()
                .map(|(offset, nonce)| (word(number(Some(offset))), number(Some(nonce))))
                .collect(),
        })
        .collect()
}

/// `target.json`.
pub fn targets() -> Vec<TargetVector> {
    let raws = read::<Raw>("target.json");
    raws.iter()
        .map(|raw| TargetVector {
            difficulty: raw.difficulty(),
            target: bytes(raw.target.as_ref()),
        })
        .collect()
}

/// `effective_difficulty.json`.
pub fn effective_difficulties() -> Vec<EffectiveDifficulty> {
    let raws = read::<Raw>("effective_difficulty.json");
    let optional = |text: &Option<String>| text.as_ref().map(|text| number(Some(text)));
    raws.iter()
        .map(|raw| EffectiveDifficulty {
            difficulty: optional(&raw.difficulty),
            minimum: optional(&raw.minimum),
            maximum: optional(&raw.maximum),
            effective: number(raw.effective.as_ref()),
        })
        .collect()
}

/// The fields of all files; each file has some of them.
#[derive(Deserialize)]
struct Raw {
    protocol: Option<String>,
    order: Option<String>,
    netuid: Option<u16>,
    block_hash: Option<String>,
    hotkey: Option<String>,
    coldkey: Option<String>,
    key: Option<String>,
    difficulty: Option<String>,
    start: Option<String>,
    base: Option<String>,
    first_offset: Option<String>,
    length: Option<String>,
    nonce: Option<String>,
    seal: Option<String>,
    target: Option<String>,
    minimum: Option<String>,
    maximum: Option<String>,
    effective: Option<String>,
    hits: Option<Vec<(String, String)>>,
}

impl Raw {
    /// `v1`, or the order of a legacy entry.
    fn rules(&self) -> &str {
        match self.protocol.as_deref() {
            Some("v1") => "v1",
            Some("legacy") => self
                .order
                .as_deref()
                .expect("a legacy vector names its order"),
            other => panic!("unknown protocol {other:?} in a vector"),
        }
    }

    fn challenge(&self, rules: &str) -> Challenge {
        let block_hash = bytes(self.block_hash.as_ref());
        let order = match rules {
            "v1" => {
                let netuid = self.netuid.expect("a v1 vector has a netuid");
                let (hotkey, coldkey) = (bytes(self.hotkey.as_ref()), bytes(self.coldkey.as_ref()));
                return Challenge::v1(netuid, block_hash, hotkey, coldkey).expect("not the root");
            }
            "big" => Order::Big,
            "little" => Order::Little,
            other => panic!("unknown order {other} in a vector"),
        };
        Challenge::legacy(order, block_hash, bytes(self.key.as_ref()))
    }

    fn seal(&self) -> Seal {
        Seal(bytes(self.seal.as_ref()))
    }

    fn difficulty(&self) -> Difficulty {
        Difficulty::new(number(self.difficulty.as_ref())).expect("not zero")
    }
}

/// The files, built into the program, since a browser has no files.
const FILES: [(&str, &str); 6] = [
    ("seal_v1.json", include_str!("../../vectors/seal_v1.json")),
    (
        "seal_legacy.json",
        include_str!("../../vectors/seal_legacy.json"),
    ),
    (
        "first_solution.json",
        include_str!("../../vectors/first_solution.json"),
    ),
    (
        "group_hits.json",
        include_str!("../../vectors/group_hits.json"),
    ),
    ("target.json", include_str!("../../vectors/target.json")),
    (
        "effective_difficulty.json",
        include_str!("../../vectors/effective_difficulty.json"),
    ),
];

/// All entries of a file. There must be at least one, since a test without input would prove nothing.
fn read<T: DeserializeOwned>(file: &str) -> Vec<T> {
    let (_, text) = (FILES.iter().find(|(name, _)| *name == file))
        .unwrap_or_else(|| panic!("there is no file {file}"));
    let all: Vec<T> = serde_json::from_str(text)
        .unwrap_or_else(|error| panic!("cannot understand {file}: {error}"));
    assert!(!all.is_empty(), "{file} is empty");
    all
}

fn number(text: Option<&String>) -> u64 {
    text.expect("a missing number")
        .parse()
        .expect("a decimal number")
}

fn word(number: u64) -> u32 {
    number.try_into().expect("an index has 32 bits")
}

fn bytes(text: Option<&String>) -> [u8; 32] {
    hex32(text.expect("missing bytes")).expect("32 bytes of hex")
}
