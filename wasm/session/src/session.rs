//! The session itself.

use alloc::vec::Vec;

use btpow_core::{Difficulty, Position, Protocol, PublicKey, Solution};
use btpow_registration::{
    self as registration, Action, Goal, State, Work,
    session::{Patience, Policy, Request as Asked, Settings, Wait},
};
use btpow_wasm_registration::bindings::{Payload, Runtime, Standing, SubnetState};
use btpow_wasm_runtime::bytes32;
use wasm_bindgen::prelude::*;

use crate::{
    actions::{self, Actions},
    values::{Head, KeyState, KnownBlock, Progress, Proof},
};

/// The most signatures that a person gives for one search.
const MOST_SIGNATURES: u32 = 10;

/// One key on its way to a subnet.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Session {
    session: registration::Session,
    coldkey: PublicKey,
    /// What was signed, with its extrinsic.
    signed: Vec<(registration::Payload, Vec<u8>)>,
}

/// What the wallet is asked to sign.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Request {
    asked: Asked,
    runtime: Runtime,
    coldkey: PublicKey,
}

/// A request that the wallet has not answered.
#[wasm_bindgen]
#[derive(Clone, Copy, Debug)]
pub struct Pending {
    /// The number of the proof's block.
    #[wasm_bindgen(readonly, js_name = workBlock)]
    pub work_block: u32,
    /// How many more blocks may include the proof.
    #[wasm_bindgen(readonly, js_name = blocksLeft)]
    pub blocks_left: u32,
}

/// For how many blocks after its own a proof counts.
#[wasm_bindgen(js_name = maxWorkAge)]
pub fn max_work_age() -> u32 {
    small(Protocol::V1.max_work_age())
}

/// Whether a subnet would take a proof for a hotkey that `coldkey` should own.
#[wasm_bindgen]
pub fn judge(
    netuid: u16,
    hotkey: &[u8],
    coldkey: &[u8],
    subnet: SubnetState,
    keys: &KeyState,
) -> Standing {
    Standing::of(
        &goal(netuid, hotkey, coldkey),
        subnet,
        keys.hotkey(),
        keys.account(),
    )
}

fn goal(netuid: u16, hotkey: &[u8], coldkey: &[u8]) -> Goal {
    let [hotkey, coldkey] = [hotkey, coldkey].map(|key| PublicKey(bytes32(key)));
    Goal::Register {
        netuid,
        hotkey,
        coldkey,
    }
}

/// A number of blocks. No chain has as many as fit.
fn small(number: u64) -> u32 {
    number.try_into().unwrap_or(u32::MAX)
}

#[wasm_bindgen]
impl Session {
    /// A session that knows nothing yet. The subnet is not the root.
    #[wasm_bindgen(constructor)]
    pub fn new(netuid: u16, hotkey: &[u8], coldkey: &[u8]) -> Self {
        let settings = Settings {
            policy: Policy::Offer {
                signatures: MOST_SIGNATURES,
            },
            wait: Wait::Finality,
            // A person looks at the page and decides.
            patience: Patience::default(),
            // The solver picks its own start.
            start: Position(0),
        };
        Self {
            session: registration::Session::new(
                goal(netuid, hotkey, coldkey),
                Protocol::V1,
                settings,
            ),
            coldkey: PublicKey(bytes32(coldkey)),
            signed: Vec::new(),
        }
    }

    /// There is a new best block; `runtime` will execute the next one.
    pub fn block(
        &mut self,
        head: Head,
        subnet: SubnetState,
        keys: &KeyState,
        runtime: &Runtime,
    ) -> Actions {
        let state = State {
            subnet: Some(subnet.into()),
            hotkey: keys.hotkey(),
            account: keys.account(),
        };
        let actions = self.session.block(head.0, state, runtime.rules());
        self.objects(actions)
    }

    /// The runtime of the next block, when the page could read nothing else at this one.
    pub fn upgraded(&mut self, runtime: &Runtime) -> Actions {
        let actions = self.session.upgraded(runtime.rules());
        self.objects(actions)
    }

    /// The blocks that a `confirm` asked for.
    pub fn confirmed(&mut self, blocks: Vec<KnownBlock>) -> Actions {
        let blocks: Vec<_> = blocks.into_iter().map(|KnownBlock(known)| known).collect();
        let actions = self.session.confirmed(&blocks);
        self.objects(actions)
    }

    /// A nonce won. Computes its seal again.
    pub fn find(&mut self, number: u32, block_hash: &[u8], nonce: u64) -> Actions {
        let work = self.work(number, block_hash, nonce);
        let actions = self.session.find(work);
        self.objects(actions)
    }

    /// Proofs from an earlier visit. Computes their seals again.
    pub fn restore(&mut self, proofs: Vec<Proof>) -> Actions {
        let works: Vec<Work> = proofs
            .iter()
            .map(|proof| self.work(proof.work_block, &proof.block_hash, proof.nonce))
            .collect();
        let actions = self.session.restore(works);
        self.objects(actions)
    }

    /// The proofs that may still be signed, for the page to keep.
    pub fn proofs(&self) -> Vec<Proof> {
        let works = self.session.proofs();
        works.map(|work| self.proof(work)).collect()
    }

    /// The proof that may be signed now; `None` while one is being signed or is under way.
    #[wasm_bindgen(getter)]
    pub fn offer(&self) -> Option<Proof> {
        self.session.offer().map(|(work, _)| self.proof(work))
    }

    /// Takes the proof on offer to have it signed.
    pub fn ask(&mut self, runtime: &Runtime) -> Option<Request> {
        let asked = self.session.ask()?;
        Some(Request {
            asked,
            runtime: runtime.clone(),
            coldkey: self.coldkey,
        })
    }

    /// What the wallet was asked to sign, until it answers.
    #[wasm_bindgen(getter)]
    pub fn asked(&self) -> Option<Pending> {
        let (request, blocks_left) = self.session.asked()?;
        Some(Pending {
            work_block: small(request.work.proof.work_block),
            blocks_left: small(blocks_left),
        })
    }

    /// The wallet signed: takes the signature as wallets give it, with the number of its scheme in front.
    ///
    /// # Errors
    ///
    /// An `Error` for bytes that are not a signature; the request stays open.
    pub fn signed(&mut self, request: &Request, signature: &[u8]) -> Result<Actions, JsError> {
        let extrinsic = request.payload().extrinsic(signature)?;
        self.signed.push((request.asked.payload, extrinsic));
        let actions = self.session.signed(request.asked.id);
        Ok(self.objects(actions))
    }

    /// The wallet did not sign. Returns whether that was the present request.
    pub fn declined(&mut self, request: &Request) -> bool {
        self.session.declined(request.asked.id)
    }

    /// News of a submission.
    pub fn progress(&mut self, id: u32, progress: Progress) -> Actions {
        let actions = self.session.progress(id.into(), progress.0);
        self.objects(actions)
    }

    /// Whether the pool has the present submission; `None` without one.
    #[wasm_bindgen(getter)]
    pub fn submitted(&self) -> Option<bool> {
        self.session.submitted()
    }

    fn objects(&self, actions: Vec<Action>) -> Actions {
        actions::objects(actions, &|payload| {
            let mut signed = self.signed.iter();
            let known = signed.find(|(signed, _)| signed == payload);
            known.map_or_else(Vec::new, |(_, extrinsic)| extrinsic.clone())
        })
    }

    fn work(&self, number: u32, block_hash: &[u8], nonce: u64) -> Work {
        let block_hash = bytes32(block_hash);
        let challenge = self.session.goal().challenge(Protocol::V1, block_hash);
        let every = Difficulty::new(1).expect("not zero");
        let Ok(solution) = Solution::verify(&challenge, &every.target(), nonce) else {
            unreachable!("every seal wins");
        };
        Work::new(number.into(), block_hash, every, solution)
    }

    fn proof(&self, work: &Work) -> Proof {
        Proof {
            work_block: small(work.proof.work_block),
            block_hash: work.block_hash.to_vec(),
            nonce: work.proof.nonce,
            blocks_left: small(self.session.blocks_left(work)),
        }
    }
}

#[wasm_bindgen]
impl Request {
    /// The number of the proof's block.
    #[wasm_bindgen(getter, js_name = workBlock)]
    pub fn work_block(&self) -> u32 {
        small(self.asked.work.proof.work_block)
    }

    /// What is signed.
    #[wasm_bindgen(getter)]
    pub fn payload(&self) -> Payload {
        Payload::new(self.asked.payload, self.coldkey, &self.runtime)
    }
}
