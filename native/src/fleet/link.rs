//! A connection to the server of a fleet, which breaks and comes back by itself.

mod change;
mod messages;

use core::{
    pin::Pin,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};
use std::collections::HashSet;

use async_nats::{
    Client, ClientError, Event, PublishErrorKind, RequestErrorKind, ServerError, connection::State,
};
use btpow_fleet::Fleet;
use futures_util::FutureExt as _;
use tokio::{
    sync::mpsc::{self, UnboundedReceiver, UnboundedSender},
    task::{JoinSet, unconstrained},
    time,
};
use tracing::debug;

use self::messages::{Renewed, Subject};
pub use self::{change::Change, messages::Messages};
use super::{Address, LinkError, Server};
use crate::text;

/// How long the last messages may take to leave.
const FAREWELL: Duration = Duration::from_secs(2);

/// How many different things the server may forbid until nothing more is told of them.
const FORBIDDEN: usize = 8;

/// The words of the library for credentials that a server does not take.
const REFUSED: &str = "authorization violation";

/// A connection to the server of a fleet. Whatever happens to it, it is made again for ever, with what was subscribed to.
#[derive(Debug)]
pub struct Link {
    client: Client,
    told: UnboundedReceiver<Event>,
    server: Server,
    /// What is read.
    subjects: Vec<Subject>,
    /// Makes another client in the place of one that has failed.
    renewal: JoinSet<Renewed>,
    /// What is told besides events.
    note: UnboundedSender<Change>,
    noted: UnboundedReceiver<Change>,
    /// The bytes of the longest message that may be sent.
    need: usize,
    is_lost: bool,
    /// Whether it was told that the server refuses the credentials now.
    is_refused: bool,
    /// Whether it was told that messages are missed.
    is_slow: bool,
    /// Whether it was told that a message is too long for the server.
    is_too_long: AtomicBool,
    /// What it forbids, as far as it was told.
    forbidden: HashSet<String>,
}

type Telling = Pin<Box<dyn Future<Output = ()> + Send + Sync>>;

/// What takes the events of a client, and what gives them out.
pub(super) fn news() -> (
    impl Fn(Event) -> Telling + Send + Sync + 'static,
    UnboundedReceiver<Event>,
) {
    let (tell, told) = mpsc::unbounded_channel();
    let tell = move |event| -> Telling {
        // Nobody is left to hear of it.
        let _ = tell.send(event);
        Box::pin(async {})
    };
    (tell, told)
}

impl Link {
    pub(super) fn new(
        client: Client,
        told: UnboundedReceiver<Event>,
        server: Server,
        need: usize,
    ) -> Self {
        let (note, noted) = mpsc::unbounded_channel();
        Self {
            client,
            told,
            server,
            subjects: Vec::new(),
            renewal: JoinSet::new(),
            note,
            noted,
            need,
            is_lost: false,
            is_refused: false,
            is_slow: false,
            is_too_long: AtomicBool::new(false),
            forbidden: HashSet::new(),
        }
    }

    /// Which fleet it is for.
    pub const fn fleet(&self) -> &Fleet {
        self.address().fleet()
    }

    /// Where the server is.
    pub const fn address(&self) -> &Address {
        self.server.address()
    }

    /// Whether the connection is there.
    pub fn is_connected(&self) -> bool {
        // A client that has failed says for ever what it said last.
        !self.told.is_closed() && self.client.connection_state() == State::Connected
    }

    /// How many bytes have come from the server: it speaks every few seconds, if only since it is asked to.
    pub fn received(&self) -> u64 {
        self.client.statistics().in_bytes.load(Ordering::Relaxed)
    }

    /// Reads a subject from now on.
    ///
    /// # Errors
    ///
    /// [`LinkError::Unreachable`] when the connection has failed at once.
    pub async fn subscribe(&mut self, subject: String) -> Result<Messages, LinkError> {
        let subscribed = self.client.subscribe(subject.clone()).await;
        let first = subscribed.map_err(|error| self.server.unreachable(text::explained(&error)))?;
        let (subject, messages) = messages::read(subject, first);
        self.subjects.push(subject);
        Ok(messages)
    }

    /// Sends a message, unless there is no connection, or one that takes nothing: whoever sends does so again. It never
    /// waits. Returns whether the message is on its way.
    pub fn send(&self, subject: String, message: Vec<u8>) -> bool {
        // What is sent meanwhile would come late, and all at once.
        if !self.is_connected() {
            return false;
        }
        // Whoever sends to many must not be asked to make way in between: it would pass for having no room.
        let sent = unconstrained(self.client.publish(subject, message.into())).now_or_never();
        if let Some(Err(error)) = &sent {
            debug!("not sent: {error}");
            let is_too_long = error.kind() == PublishErrorKind::MaxPayloadExceeded;
            if is_too_long && !self.is_too_long.swap(true, Ordering::Relaxed) {
                self.tell(Change::TooLong(self.client.max_payload()));
            }
        }
        sent.is_some_and(|it| it.is_ok())
    }

    /// Asks whoever reads a subject.
    ///
    /// # Errors
    ///
    /// [`LinkError::NoCoordinator`] when nobody answers, [`LinkError::MayNotAsk`] when this user may not ask.
    pub async fn ask(&mut self, subject: String) -> Result<Vec<u8>, LinkError> {
        let (server, fleet) = (self.address().to_string(), self.fleet().to_string());
        let silent = |reason| LinkError::NoCoordinator {
            server,
            fleet,
            reason,
        };
        let client = self.client.clone();
        let asked = client.request(subject, Vec::new().into());
        tokio::select! {
            answer = asked => match answer {
                Ok(answer) => Ok(answer.payload.into()),
                Err(error) => Err(silent(match error.kind() {
                    RequestErrorKind::NoResponders => "none is connected there".to_owned(),
                    RequestErrorKind::TimedOut => "none answers in time".to_owned(),
                    _ => text::explained(&error),
                })),
            },
            () = self.forbidden() => Err(LinkError::MayNotAsk {
                server: self.address().to_string(),
                fleet: self.fleet().to_string(),
            }),
        }
    }

    /// Waits until the server forbids something.
    async fn forbidden(&mut self) {
        while !matches!(self.change().await, Change::Forbidden(_)) {}
    }

    /// Waits until something becomes of the connection. It may be dropped and called again.
    pub async fn change(&mut self) -> Change {
        loop {
            if let Ok(change) = self.noted.try_recv() {
                return change;
            }
            tokio::select! {
                Some(change) = self.noted.recv() => return change,
                Some(renewed) = self.renewal.join_next() => {
                    if let Ok(renewed) = renewed {
                        return self.renewed(renewed);
                    }
                }
                event = self.told.recv(), if self.renewal.is_empty() => {
                    let change = match event {
                        Some(event) => self.note(event),
                        // It has failed, with all that it reads.
                        None => self.renew(),
                    };
                    if let Some(change) = change {
                        return change;
                    }
                }
            }
        }
    }

    /// Makes another client, until there is one.
    fn renew(&mut self) -> Option<Change> {
        let subjects = self.subjects.iter().map(|it| it.name.clone()).collect();
        let renewal = messages::renew(self.server.clone(), subjects);
        self.renewal.spawn(renewal);
        self.lost()
    }

    /// Goes on with another client.
    fn renewed(&mut self, renewed: Renewed) -> Change {
        self.client = renewed.client;
        self.told = renewed.told;
        for (subject, messages) in self.subjects.iter().zip(renewed.messages) {
            subject.go_on(messages);
        }
        self.is_lost = false;
        self.back()
    }

    /// Hands over what was sent last, for as long as that may take.
    pub async fn flush(&self) {
        if self.is_connected() {
            // It is too late to do anything about it.
            let _ = time::timeout(FAREWELL, self.client.flush()).await;
        }
    }

    /// What there is to tell of an event.
    fn note(&mut self, event: Event) -> Option<Change> {
        match event {
            // The first is no news.
            Event::Connected => core::mem::take(&mut self.is_lost).then(|| self.back()),
            Event::Disconnected => self.lost(),
            Event::SlowConsumer(_) => {
                let was_slow = core::mem::replace(&mut self.is_slow, true);
                (!was_slow).then_some(Change::Slow)
            }
            Event::ServerError(ServerError::AuthorizationViolation) => self.refused(),
            Event::ClientError(ClientError::Other(words)) if words == REFUSED => self.refused(),
            Event::ServerError(ServerError::Other(words)) => {
                debug!("the fleet's server says: {words}");
                let is_forbidden = words.to_lowercase().contains("permissions violation");
                let words = text::line(&words, text::MESSAGE);
                let is_new = is_forbidden
                    && self.forbidden.len() < FORBIDDEN
                    && self.forbidden.insert(words.clone());
                is_new.then_some(Change::Forbidden(words))
            }
            event => {
                debug!("the connection to the fleet's server: {event}");
                None
            }
        }
    }

    fn refused(&mut self) -> Option<Change> {
        let was_refused = core::mem::replace(&mut self.is_refused, true);
        (!was_refused).then_some(Change::Refused)
    }

    fn lost(&mut self) -> Option<Change> {
        let was_lost = core::mem::replace(&mut self.is_lost, true);
        (!was_lost).then_some(Change::Lost)
    }

    fn back(&mut self) -> Change {
        self.is_refused = false;
        let most = self.client.max_payload();
        if most < self.need && !self.is_too_long.swap(true, Ordering::Relaxed) {
            self.tell(Change::TooLong(most));
        }
        Change::Back
    }

    fn tell(&self, change: Change) {
        // This end hears it.
        let _ = self.note.send(change);
    }
}
