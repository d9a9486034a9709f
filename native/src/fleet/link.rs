//! A connection to the server of a fleet, which breaks and comes back by itself.

use core::{pin::Pin, time::Duration};
use std::collections::HashSet;

use async_nats::{
    Client, ClientError, Event, RequestErrorKind, ServerError, Subscriber, connection::State,
};
use btpow_fleet::Fleet;
use futures_util::FutureExt as _;
use tokio::{
    sync::mpsc::{self, UnboundedReceiver},
    task::unconstrained,
    time,
};
use tracing::debug;

use super::{Address, LinkError};
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
    address: Address,
    is_lost: bool,
    /// Whether it was told that the server refuses the credentials now.
    is_refused: bool,
    /// What it forbids, as far as it was told.
    forbidden: HashSet<String>,
}

/// What became of a connection.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Change {
    /// It broke.
    Lost,
    /// It is there again.
    Back,
    /// While it is lost: the server does not take the credentials any more.
    Refused,
    /// The server does not let this user do something, in its own words.
    Forbidden(String),
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
    pub(super) fn new(client: Client, told: UnboundedReceiver<Event>, address: Address) -> Self {
        Self {
            client,
            told,
            address,
            is_lost: false,
            is_refused: false,
            forbidden: HashSet::new(),
        }
    }

    /// Which fleet it is for.
    pub const fn fleet(&self) -> &Fleet {
        self.address.fleet()
    }

    /// Where the server is.
    pub const fn address(&self) -> &Address {
        &self.address
    }

    /// Whether the connection is there.
    pub fn is_connected(&self) -> bool {
        self.client.connection_state() == State::Connected
    }

    /// Reads a subject from now on.
    ///
    /// # Errors
    ///
    /// [`LinkError::Unreachable`] when there will be no connection any more.
    pub async fn subscribe(&self, subject: String) -> Result<Subscriber, LinkError> {
        let subscribed = self.client.subscribe(subject).await;
        subscribed.map_err(|error| LinkError::Unreachable {
            server: self.address.to_string(),
            reason: text::explained(&error),
        })
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
        }
        sent.is_some_and(|it| it.is_ok())
    }

    /// Asks whoever reads a subject.
    ///
    /// # Errors
    ///
    /// [`LinkError::NoCoordinator`] when nobody answers.
    pub async fn ask(&mut self, subject: String) -> Result<Vec<u8>, LinkError> {
        let (server, fleet) = (self.address.to_string(), self.fleet().to_string());
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
            forbidden = self.forbidden() => Err(silent(format!(
                "this user may not ask: {forbidden}"
            ))),
        }
    }

    /// Waits until the server forbids something.
    async fn forbidden(&mut self) -> String {
        loop {
            if let Change::Forbidden(words) = self.change().await {
                return words;
            }
        }
    }

    /// Waits until something becomes of the connection. It may be dropped and called again.
    pub async fn change(&mut self) -> Change {
        loop {
            match self.told.recv().await {
                Some(event) => {
                    if let Some(change) = self.note(event) {
                        return change;
                    }
                }
                // Nothing becomes of it any more.
                None => core::future::pending().await,
            }
        }
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
            Event::Connected => {
                self.is_refused = false;
                // The first is no news.
                core::mem::take(&mut self.is_lost).then_some(Change::Back)
            }
            Event::Disconnected => {
                let was_lost = core::mem::replace(&mut self.is_lost, true);
                (!was_lost).then_some(Change::Lost)
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

    /// What became of the connection, in one line for the user.
    pub fn words(&self, change: &Change) -> String {
        let server = &self.address;
        match change {
            Change::Lost => {
                format!("warning: lost the fleet's server {server}; trying until it is back")
            }
            Change::Back => format!("the fleet's server {server} is back"),
            Change::Refused => format!(
                "warning: the fleet's server {server} does not take this user's credentials any more; trying until it does"
            ),
            Change::Forbidden(words) => format!(
                "warning: the configuration of the fleet's server {server} forbids something to this user: {words}"
            ),
        }
    }
}
