//! What is read over a connection, also when another client takes the place of the first.
//!
//! The library connects again by itself, but its task can fail for what a server says. Then its messages end.

use async_nats::{Client, Event, Message, Subscriber};
use futures_util::StreamExt as _;
use tokio::{
    sync::mpsc::{self, UnboundedReceiver, UnboundedSender},
    time,
};
use tracing::debug;

use crate::fleet::{LinkError, Server, server};

/// The messages of a subject.
#[derive(Debug)]
pub struct Messages {
    now: Subscriber,
    next: UnboundedReceiver<Subscriber>,
}

/// A subject that is read.
#[derive(Debug)]
pub(super) struct Subject {
    pub(super) name: String,
    next: UnboundedSender<Subscriber>,
}

/// Another client, and what it reads.
pub(super) struct Renewed {
    pub(super) client: Client,
    pub(super) told: UnboundedReceiver<Event>,
    /// Of each subject.
    pub(super) messages: Vec<Subscriber>,
}

/// A subject and its messages, which come from `first` to begin with.
pub(super) fn read(name: String, first: Subscriber) -> (Subject, Messages) {
    let (tell, next) = mpsc::unbounded_channel();
    let messages = Messages { now: first, next };
    (Subject { name, next: tell }, messages)
}

/// Makes another client that reads these subjects, until there is one.
pub(super) async fn renew(server: Server, subjects: Vec<String>) -> Renewed {
    loop {
        // What made the first one fail may do so again.
        time::sleep(server::pause(usize::MAX)).await;
        match begin(&server, &subjects).await {
            Ok(renewed) => return renewed,
            Err(error) => debug!("{error}"),
        }
    }
}

async fn begin(server: &Server, subjects: &[String]) -> Result<Renewed, LinkError> {
    let (client, told) = server.client().await?;
    let mut messages = Vec::new();
    for subject in subjects {
        let subscribed = client.subscribe(subject.clone()).await;
        messages.push(subscribed.map_err(|error| server.unreachable(error.to_string()))?);
    }
    Ok(Renewed {
        client,
        told,
        messages,
    })
}

impl Messages {
    /// The next one. Safe to cancel.
    pub async fn next(&mut self) -> Message {
        loop {
            if let Some(message) = self.now.next().await {
                return message;
            }
            match self.next.recv().await {
                Some(next) => self.now = next,
                // The connection was dropped.
                None => core::future::pending().await,
            }
        }
    }
}

impl Subject {
    /// Its messages come from here now.
    pub(super) fn go_on(&self, messages: Subscriber) {
        // Nobody reads it any more.
        let _ = self.next.send(messages);
    }
}
