//! Sends a signed call and tells what becomes of it.

use std::sync::Arc;

use btpow_core::PublicKey;
use subxt::{
    events::Phase,
    rpcs::{Error as RpcError, methods::legacy::TransactionStatus},
    utils::AccountId32,
};
use tokio::sync::mpsc::UnboundedSender;
use tracing::debug;

use super::{
    ChainError, Connection, Hash, PALLET, Runtime,
    refusal::{DispatchRefusal, PoolRefusal},
    storage::Item,
};
use crate::text;

/// What becomes of what was sent. After [`is_last`](Self::is_last) there is no more.
#[derive(Clone, Debug, PartialEq)]
pub enum Progress {
    /// The pool has it.
    Waiting,
    /// A block holds it.
    InBlock {
        /// The block.
        block: [u8; 32],
        /// What it did there.
        outcome: Outcome,
    },
    /// That block is no longer part of the chain.
    Retracted,
    /// A final block holds it.
    Finalized {
        /// The block.
        block: [u8; 32],
    },
    /// The pool did not take it.
    Refused(PoolRefusal),
    /// The pool let it go: `invalid`, `dropped` or `usurped`.
    Gone(&'static str),
    /// Nobody tells any more what becomes of it.
    Lost(String),
}

/// What a call did in its block.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Outcome {
    /// A key was registered.
    Registered {
        /// Its number on the subnet.
        uid: u16,
        /// The key.
        hotkey: PublicKey,
    },
    /// The faucet gave.
    Given {
        /// How much, in rao.
        amount: u64,
    },
    /// It failed.
    Failed(DispatchRefusal),
    /// The block could not be read.
    Unknown(String),
}

impl Progress {
    /// Whether nothing comes after it.
    pub const fn is_last(&self) -> bool {
        matches!(
            self,
            Self::Finalized { .. } | Self::Refused(_) | Self::Gone(_) | Self::Lost(_)
        )
    }
}

/// The most that is heard about one submission: blocks that hold it, replaced and found again.
const MOST_NEWS: usize = 100;

/// Sends it and tells, under its `id`, until nobody listens or there is nothing more to tell.
pub(crate) async fn watch(
    connection: Arc<Connection>,
    runtime: Arc<Runtime>,
    extrinsic: Vec<u8>,
    id: u64,
    tell: UnboundedSender<(u64, Progress)>,
) {
    let methods = connection.methods();
    let mut statuses = match methods.author_submit_and_watch_extrinsic(&extrinsic).await {
        Ok(statuses) => statuses,
        Err(error) => {
            let _ = tell.send((id, unsent(error)));
            return;
        }
    };
    for _ in 0..MOST_NEWS {
        let progress = match statuses.next().await {
            None => Progress::Lost("the node ended the subscription".to_owned()),
            Some(Err(error)) => Progress::Lost(said(&error)),
            Some(Ok(status)) => match told(status) {
                Told::InBlock(block) => Progress::InBlock {
                    block: block.0,
                    outcome: outcome(&connection, &runtime, &extrinsic, block)
                        .await
                        .unwrap_or_else(|error| Outcome::Unknown(error.to_string())),
                },
                Told::Progress(progress) => progress,
                Told::Nothing => continue,
            },
        };
        debug!(?progress, "submission");
        let last = progress.is_last();
        if tell.send((id, progress)).is_err() || last {
            return;
        }
    }
    let _ = tell.send((
        id,
        Progress::Lost("the node told too much of it".to_owned()),
    ));
}

enum Told {
    InBlock(Hash),
    Progress(Progress),
    Nothing,
}

fn told(status: TransactionStatus<Hash>) -> Told {
    Told::Progress(match status {
        TransactionStatus::Ready | TransactionStatus::Future => Progress::Waiting,
        TransactionStatus::Broadcast(_) => return Told::Nothing,
        TransactionStatus::InBlock(block) => return Told::InBlock(block),
        TransactionStatus::Retracted(_) => Progress::Retracted,
        TransactionStatus::Finalized(block) => Progress::Finalized { block: block.0 },
        // It stays in its block, whoever watches.
        TransactionStatus::FinalityTimeout(_) => {
            Progress::Lost("the block was not finalised in time".to_owned())
        }
        TransactionStatus::Usurped(_) => Progress::Gone("usurped"),
        TransactionStatus::Dropped => Progress::Gone("dropped"),
        TransactionStatus::Invalid => Progress::Gone("invalid"),
    })
}

fn unsent(error: RpcError) -> Progress {
    match error {
        RpcError::User(error) => {
            let data = error.data.as_ref().map_or("", |data| data.get());
            Progress::Refused(PoolRefusal::read(error.code, &error.message, data))
        }
        // It may have arrived before the connection broke.
        error => Progress::Lost(said(&error)),
    }
}

fn said(error: &RpcError) -> String {
    text::line(&error.to_string(), text::MESSAGE)
}

/// What an extrinsic did in a block: the events of its place there.
async fn outcome(
    connection: &Connection,
    runtime: &Runtime,
    extrinsic: &[u8],
    block: Hash,
) -> Result<Outcome, ChainError> {
    if !runtime.has_readable_events() {
        return Err(ChainError::malformed(
            "the events",
            "their type has no end, or is absurd",
        ));
    }
    let methods = connection.methods();
    let events_item = Item::new(runtime, "System", "Events", Vec::new())?;
    let (body, events) = tokio::join!(
        connection.long(methods.chain_get_block(Some(block))),
        connection.long(methods.state_get_storage(events_item.key(), Some(block)))
    );
    let body = connection.answer("chain_getBlock", body)?;
    let events = connection.answer("state_getStorage", events)?;
    let body = body.ok_or_else(|| ChainError::Missing("block of the extrinsic".to_owned()))?;
    let mut extrinsics = body.block.extrinsics.iter();
    let index = extrinsics
        .position(|bytes| bytes.0 == extrinsic)
        .ok_or_else(|| ChainError::malformed("the block", "the extrinsic is not in it"))?;
    read(runtime, events.unwrap_or_default(), index)
}

/// The events of the extrinsic at `index`.
pub(super) fn read(
    runtime: &Runtime,
    events: Vec<u8>,
    index: usize,
) -> Result<Outcome, ChainError> {
    let malformed = |error: &dyn core::fmt::Display| ChainError::malformed("an event", error);
    let events = runtime.client().events().from_bytes(events);
    let mut found = None;
    for event in events.iter() {
        let event = event.map_err(|error| malformed(&error))?;
        if event.phase() != Phase::ApplyExtrinsic(u32::try_from(index).unwrap_or(u32::MAX)) {
            continue;
        }
        match (event.pallet_name(), event.event_name()) {
            ("System", "ExtrinsicFailed") => {
                let refusal = DispatchRefusal::read(runtime, event.field_bytes());
                return Ok(Outcome::Failed(refusal));
            }
            (PALLET, "NeuronRegistered") => {
                let event = event.decode_fields_unchecked_as::<(u16, u16, AccountId32)>();
                let (_, uid, hotkey) = event.map_err(|error| malformed(&error))?;
                let hotkey = PublicKey(hotkey.0);
                found = Some(Outcome::Registered { uid, hotkey });
            }
            (PALLET, "Faucet") => {
                let event = event.decode_fields_unchecked_as::<(AccountId32, u64)>();
                let (_, amount) = event.map_err(|error| malformed(&error))?;
                found = Some(Outcome::Given { amount });
            }
            _ => {}
        }
    }
    found.ok_or_else(|| ChainError::malformed("the block", "it tells nothing of the extrinsic"))
}
