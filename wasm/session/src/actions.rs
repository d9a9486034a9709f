//! What a session tells the page, as plain objects. The page has its own words for it.

use alloc::{string::ToString as _, vec::Vec};

use btpow_core::Protocol;
use btpow_registration::{
    Action, Denial, Payload, Place, PoolRefusal, Unfit,
    session::{End, Event, Limit, Setback, Submission},
};
use btpow_wasm_runtime::set;
use js_sys::{Array, BigInt, Object, Uint8Array};
use wasm_bindgen::prelude::*;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** A block that holds an extrinsic, with its number if the page could read it. */
export interface Where {
  readonly hash: Uint8Array;
  readonly number: number | undefined;
}

/** Why the pool did not take a submission; `words` finish the sentence "the pool refused the proof: …". */
export interface PoolRefusal {
  readonly kind:
    | 'custom' | 'outdated' | 'bad-signature' | 'future' | 'payment' | 'known' | 'occupied' | 'banned' | 'other';
  readonly words: string;
}

/** Why a submission, or a signature, came to nothing. */
export type Setback =
  | { readonly why: 'refused'; readonly refusal: PoolRefusal }
  | { readonly why: 'gone'; readonly how: string }
  | { readonly why: 'failed'; readonly error: string }
  | { readonly why: 'failed-in-block' | 'too-late' | 'not-included' | 'replaced' | 'difficulty-rose' | 'block-full' }
  | { readonly why: 'lost'; readonly reason: string }
  | { readonly why: 'signed-in-vain'; readonly workBlock: number; readonly unfit: 'stale' | 'off-chain' | 'too-high' };

/** What happened. */
export type Event =
  | { readonly what: 'reorganised'; readonly block: number }
  | { readonly what: 'difficulty-rose'; readonly difficulty: bigint }
  | { readonly what: 'held-back'; readonly block: number }
  | { readonly what: 'submitting'; readonly workBlock: number; readonly blocksLeft: number; readonly again: boolean }
  | { readonly what: 'waiting' | 'retracted' }
  | { readonly what: 'refused'; readonly refusal: PoolRefusal }
  | { readonly what: 'included'; readonly place: Where; readonly uid: number }
  | { readonly what: 'unreadable' | 'lost-sight'; readonly reason: string }
  | { readonly what: 'doubtful' | 'failed'; readonly setback: Setback };

/** Why the chain takes no proof; `message` says so in one sentence, if that is the same for everybody. */
export type Denial =
  | {
      readonly reason:
        | 'runtime' | 'no_subnet' | 'pow_off' | 'registered_by_other' | 'no_places' | 'no_registrations' | 'full'
        | 'owned_by_other' | 'system_account' | 'swap_destination' | 'too_many_hotkeys' | 'swap_announced'
        | 'swap_disputed' | 'cannot_pay';
      readonly message: string;
    }
  | { readonly reason: 'upgraded'; readonly protocol: 'v1' | 'legacy' }
  | { readonly reason: 'chain'; readonly name: string; readonly error: string };

/** How it ended. */
export type End =
  | { readonly how: 'registered'; readonly uid: number; readonly place: Where | undefined; readonly already: boolean }
  | { readonly how: 'denied'; readonly denial: Denial }
  | { readonly how: 'exhausted'; readonly signatures: number; readonly last: Setback | undefined };

/** What the page has to do. */
export type Action =
  | { readonly do: 'search'; readonly blockNumber: number; readonly blockHash: Uint8Array; readonly difficulty: bigint }
  | { readonly do: 'send'; readonly id: number; readonly extrinsic: Uint8Array }
  | { readonly do: 'confirm'; readonly blocks: readonly number[] }
  | { readonly do: 'tell'; readonly event: Event }
  | { readonly do: 'end'; readonly end: End };
"#;

#[wasm_bindgen]
extern "C" {
    /// Actions, as JavaScript sees them.
    #[wasm_bindgen(typescript_type = "Action[]")]
    #[derive(Debug)]
    pub type Actions;
}

/// An object with these fields.
fn object<const N: usize>(fields: [(&str, JsValue); N]) -> JsValue {
    let object = Object::new();
    for (name, value) in fields {
        set(&object, name, &value);
    }
    object.into()
}

/// A number of blocks or submissions: far below what a JavaScript number holds exactly.
fn number(value: u64) -> JsValue {
    u32::try_from(value).unwrap_or(u32::MAX).into()
}

fn bytes(bytes: &[u8]) -> JsValue {
    Uint8Array::from(bytes).into()
}

fn place(place: Place) -> JsValue {
    object([
        ("hash", bytes(&place.hash)),
        ("number", place.number.map_or(JsValue::UNDEFINED, number)),
    ])
}

/// All actions; `extrinsic` gives the extrinsic for a payload.
pub(crate) fn objects(actions: Vec<Action>, extrinsic: &dyn Fn(&Payload) -> Vec<u8>) -> Actions {
    let objects = Array::new();
    for action in actions {
        objects.push(&action_object(action, extrinsic));
    }
    JsValue::from(objects).unchecked_into()
}

fn action_object(action: Action, extrinsic: &dyn Fn(&Payload) -> Vec<u8>) -> JsValue {
    match action {
        Action::Search(search) => object([
            ("do", "search".into()),
            ("blockNumber", number(search.block_number.unwrap_or(0))),
            ("blockHash", bytes(&search.challenge.block_hash())),
            ("difficulty", BigInt::from(search.difficulty.get()).into()),
        ]),
        Action::Send(Submission { id, payload, .. }) => object([
            ("do", "send".into()),
            ("id", number(id)),
            ("extrinsic", bytes(&extrinsic(&payload))),
        ]),
        Action::Confirm(blocks) => {
            let numbers = Array::new();
            for block in blocks {
                numbers.push(&number(block));
            }
            object([("do", "confirm".into()), ("blocks", numbers.into())])
        }
        Action::Tell(news) => object([("do", "tell".into()), ("event", event(&news))]),
        Action::End(how) => object([("do", "end".into()), ("end", end(&how))]),
        Action::Show(_) => unreachable!("a person who signs gets nothing shown"),
        Action::Pause(_) => unreachable!("the page's session waits for nothing"),
    }
}

fn event(event: &Event) -> JsValue {
    let what = |name: &str| ("what", JsValue::from(name));
    let because = |reason: &str| ("reason", JsValue::from(reason));
    match event {
        Event::Reorganised { block } => object([what("reorganised"), ("block", number(*block))]),
        Event::DifficultyRose { difficulty } => object([
            what("difficulty-rose"),
            ("difficulty", BigInt::from(difficulty.get()).into()),
        ]),
        Event::HeldBack { block } => object([what("held-back"), ("block", number(*block))]),
        Event::Submitting {
            work_block,
            blocks_left,
            again,
            ..
        } => object([
            what("submitting"),
            ("workBlock", number(*work_block)),
            ("blocksLeft", number(*blocks_left)),
            ("again", (*again).into()),
        ]),
        Event::Waiting => object([what("waiting")]),
        Event::Retracted => object([what("retracted")]),
        Event::Refused(refusal) => object([what("refused"), ("refusal", pool(refusal))]),
        Event::Included { place: at, uid } => object([
            what("included"),
            ("place", place(*at)),
            // Only the faucet gives no UID, and no page has a faucet.
            ("uid", uid.unwrap_or(0).into()),
        ]),
        Event::Unreadable { reason } => object([what("unreadable"), because(reason)]),
        Event::LostSight { reason } => object([what("lost-sight"), because(reason)]),
        Event::Doubtful(why) => object([what("doubtful"), ("setback", setback(why))]),
        Event::Failed { setback: why, .. } => object([what("failed"), ("setback", setback(why))]),
    }
}

fn pool(refusal: &PoolRefusal) -> JsValue {
    let kind = match refusal {
        PoolRefusal::Custom(_) => "custom",
        PoolRefusal::Outdated => "outdated",
        PoolRefusal::BadSignature => "bad-signature",
        PoolRefusal::Future => "future",
        PoolRefusal::Payment => "payment",
        PoolRefusal::Known => "known",
        PoolRefusal::Occupied => "occupied",
        PoolRefusal::Banned => "banned",
        _ => "other",
    };
    let words = refusal.to_string();
    object([("kind", kind.into()), ("words", words.into())])
}

fn setback(setback: &Setback) -> JsValue {
    let why = |name: &str| ("why", JsValue::from(name));
    match setback {
        Setback::Refused(refusal) => object([why("refused"), ("refusal", pool(refusal))]),
        Setback::Gone(gone) => object([why("gone"), ("how", gone.name().into())]),
        Setback::Failed(refusal) => object([why("failed"), ("error", refusal.to_string().into())]),
        Setback::FailedInBlock => object([why("failed-in-block")]),
        Setback::TooLate => object([why("too-late")]),
        Setback::NotIncluded => object([why("not-included")]),
        Setback::Lost { reason } => object([why("lost"), ("reason", reason.into())]),
        Setback::Replaced => object([why("replaced")]),
        Setback::DifficultyRose => object([why("difficulty-rose")]),
        Setback::BlockFull => object([why("block-full")]),
        Setback::SignedInVain { work_block, unfit } => {
            let unfit = match unfit {
                Unfit::Stale => "stale",
                Unfit::OffChain => "off-chain",
                Unfit::TooHigh => "too-high",
            };
            object([
                why("signed-in-vain"),
                ("workBlock", number(*work_block)),
                ("unfit", unfit.into()),
            ])
        }
    }
}

fn denial(denial: &Denial) -> JsValue {
    let reason = |name: &str| ("reason", JsValue::from(name));
    match denial {
        Denial::Runtime(refusal) => {
            object([reason("runtime"), ("message", refusal.to_string().into())])
        }
        Denial::Standing(obstacle) => object([
            reason(obstacle.name()),
            ("message", obstacle.to_string().into()),
        ]),
        Denial::Upgraded { protocol } => {
            let protocol = match protocol {
                Protocol::V1 => "v1",
                Protocol::Legacy(_) => "legacy",
            };
            object([reason("upgraded"), ("protocol", protocol.into())])
        }
        Denial::Chain(refusal) => object([
            reason("chain"),
            ("name", refusal.name.as_str().into()),
            ("error", refusal.to_string().into()),
        ]),
        other => unreachable!("a denial that the page has no type for: {}", other.name()),
    }
}

fn end(end: &End) -> JsValue {
    let how = |name: &str| ("how", JsValue::from(name));
    match end {
        End::Registered {
            uid,
            place: at,
            already,
        } => object([
            how("registered"),
            ("uid", (*uid).into()),
            ("place", at.map_or(JsValue::UNDEFINED, place)),
            ("already", (*already).into()),
        ]),
        End::Denied(why) => object([how("denied"), ("denial", denial(why))]),
        End::Exhausted { limit, last } => {
            let (Limit::Attempts(most) | Limit::Signatures(most)) = *limit;
            object([
                how("exhausted"),
                ("signatures", most.into()),
                ("last", last.as_ref().map_or(JsValue::UNDEFINED, setback)),
            ])
        }
        End::Given { .. } => unreachable!("no page has a faucet"),
    }
}
