//! Sends a signed call and reports what becomes of it.

use std::sync::Arc;

use btpow_core::PublicKey;
use btpow_registration::{DispatchRefusal, Gone, Outcome, Place, PoolRefusal, Progress};
use subxt::{
    error::DispatchError,
    events::Phase,
    rpcs::{Error as RpcError, methods::legacy::TransactionStatus},
    utils::AccountId32,
};
use tokio::sync::mpsc::UnboundedSender;
use tracing::debug;

use super::{ChainError, Connection, Hash, PALLET, Runtime, storage::Item};
use crate::text;

/// The most news to take about one submission, such as blocks that hold it, replaced and found again.
const MOST_NEWS: usize = 100;

/// Sends it and reports its progress under the number of its pursuit and its own, until nobody listens or there is no more news.
pub(crate) async fn watch(
    connection: Arc<Connection>,
    runtime: Arc<Runtime>,
    extrinsic: Vec<u8>,
    (pursuit, id): (usize, u64),
    tell: UnboundedSender<(usize, u64, Progress)>,
) {
    let methods = connection.methods();
    let mut statuses = match methods.author_submit_and_watch_extrinsic(&extrinsic).await {
        Ok(statuses) => statuses,
        Err(error) => {
            let _ = tell.send((pursuit, id, unsent(error)));
            return;
        }
    };
    for _ in 0..MOST_NEWS {
        let progress = match statuses.next().await {
            None => Progress::Lost("the node ended the subscription".to_owned()),
            Some(Err(error)) => Progress::Lost(said(&error)),
            Some(Ok(status)) => match read_status(status) {
                Status::InBlock(block) => in_block(&connection, &runtime, &extrinsic, block).await,
                Status::Progress(progress) => progress,
                Status::Nothing => continue,
            },
        };
        debug!(?progress, "submission");
        let last = progress.is_last();
        if tell.send((pursuit, id, progress)).is_err() || last {
            return;
        }
    }
    let _ = tell.send((
        pursuit,
        id,
        Progress::Lost("the node sent too much news about it".to_owned()),
    ));
}

/// What a node says about a watched extrinsic.
enum Status {
    InBlock(Hash),
    Progress(Progress),
    Nothing,
}

fn read_status(status: TransactionStatus<Hash>) -> Status {
    Status::Progress(match status {
        TransactionStatus::Ready | TransactionStatus::Future => Progress::Waiting,
        TransactionStatus::Broadcast(_) => return Status::Nothing,
        TransactionStatus::InBlock(block) => return Status::InBlock(block),
        TransactionStatus::Retracted(_) => Progress::Retracted,
        TransactionStatus::Finalized(_) => Progress::Finalized,
        // It stays in its block, watched or not.
        TransactionStatus::FinalityTimeout(_) => {
            Progress::Lost("the block was not finalised in time".to_owned())
        }
        TransactionStatus::Usurped(_) => Progress::Gone(Gone::Usurped),
        TransactionStatus::Dropped => Progress::Gone(Gone::Dropped),
        TransactionStatus::Invalid => Progress::Gone(Gone::Invalid),
    })
}

fn unsent(error: RpcError) -> Progress {
    match error {
        RpcError::User(error) => {
            let data = error.data.as_ref().map_or("", |data| data.get());
            Progress::Refused(pool_refusal(error.code, &error.message, data))
        }
        // It may have arrived before the connection broke.
        error => Progress::Lost(said(&error)),
    }
}

fn said(error: &RpcError) -> String {
    text::line(&error.to_string(), text::MESSAGE)
}

/// Makes a node's answer harmless and reads it.
pub(super) fn pool_refusal(code: i32, message: &str, data: &str) -> PoolRefusal {
    let [message, data] = [message, data].map(|words| text::line(words, text::MESSAGE));
    PoolRefusal::read(code, &message, &data)
}

/// What an extrinsic did in a block, and the number of that block.
async fn in_block(
    connection: &Connection,
    runtime: &Runtime,
    extrinsic: &[u8],
    block: Hash,
) -> Progress {
    let mut number = None;
    let outcome = outcome(connection, runtime, extrinsic, block, &mut number).await;
    Progress::InBlock {
        place: Place {
            hash: block.0,
            number,
        },
        outcome: outcome.unwrap_or_else(|error| Outcome::Unknown(error.to_string())),
    }
}

/// The events of an extrinsic at its place in a block. Notes the block's `number`.
async fn outcome(
    connection: &Connection,
    runtime: &Runtime,
    extrinsic: &[u8],
    block: Hash,
    number: &mut Option<u64>,
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
    *number = Some(body.block.header.number);
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
                let refusal = dispatch_refusal(runtime, event.field_bytes());
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
    found.ok_or_else(|| ChainError::malformed("the block", "it has no event of the extrinsic"))
}

/// Names an error by the runtime's metadata.
pub(super) fn dispatch_refusal(runtime: &Runtime, bytes: &[u8]) -> DispatchRefusal {
    let plain = |name: &str| DispatchRefusal::plain(text::line(name, text::MESSAGE));
    let metadata = runtime.client().metadata();
    match DispatchError::decode_from(bytes, metadata) {
        Ok(DispatchError::Module(module)) => match module.details() {
            Ok(details) => DispatchRefusal {
                pallet: text::line(details.pallet.name(), text::NAME),
                name: text::line(&details.variant.name, text::NAME),
            },
            Err(_) => plain(&module.details_string()),
        },
        Ok(other) => plain(&format!("{other:?}")),
        Err(error) => plain(&error.to_string()),
    }
}
