//! The way to an endpoint: TCP, perhaps through a proxy, TLS for `wss://`, a WebSocket, and JSON-RPC inside it.
//!
//! This module makes the connection, since the client's own connector follows redirections, even to `ws://`
//! and to other machines, while the screen still names the endpoint that the user gave.

use core::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};
use std::{
    io,
    sync::{Arc, OnceLock},
};

use rustls_platform_verifier::ConfigVerifierExt as _;
use serde::Deserialize;
use serde::de::IgnoredAny;
use subxt::ext::jsonrpsee::{
    client_transport::ws::{WsHandshakeError, WsTransportClientBuilder},
    core::client::{ReceivedMessage, TransportReceiverT},
    ws_client::{PingConfig, WsClient, WsClientBuilder},
};
use thiserror::Error;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{self, TcpStream},
    time,
};
use tokio_rustls::{TlsConnector, rustls};

use super::{
    ChainError,
    endpoint::Endpoint,
    refused::{Heard, busy},
    tunnel,
};
use crate::text::{self, explained};

/// How long each part of a connection may take: an address, TLS, the WebSocket's handshake.
const CONNECT: Duration = Duration::from_secs(10);

/// How long an answer may take. Metadata of 800 kB is the longest.
const ANSWER: Duration = Duration::from_secs(20);

/// How often to ping a silent connection, and when to give it up.
const PING: Duration = Duration::from_secs(10);
const SILENCE: Duration = Duration::from_secs(30);

/// The most bytes of an answer that may be long: the largest metadata to read, in hexadecimal digits, or a
/// full block.
const LONGEST_ANSWER: u32 = 12 << 20;

/// The most bytes of any other answer.
const LONG_ANSWER: usize = 256 << 10;

/// The most bytes of a message that nobody asked for. Headers have some hundreds.
const LONGEST_NOTIFICATION: usize = 64 << 10;

/// How many notifications of a subscription may wait.
const WAITING: usize = 32;

/// The ports of the two schemes.
const PORTS: [(&str, u16); 2] = [("ws", 80), ("wss", 443)];

/// A stream of bytes, encrypted or not.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// Why a connection ended, once it has. The client itself says only that it has.
#[derive(Clone, Debug, Default)]
pub(super) struct Ending(Arc<OnceLock<String>>);

impl Ending {
    /// The reason, as text.
    pub(super) fn reason(&self) -> &str {
        self.0
            .get()
            .map_or("the connection was closed", String::as_str)
    }
}

/// How many awaited answers may be long. Where a short answer is expected, a library may make something many
/// times as large of a long one.
#[derive(Clone, Debug, Default)]
pub(super) struct Long(Arc<AtomicUsize>);

impl Long {
    /// Awaits an answer that may be long.
    pub(super) async fn answer<T>(&self, answer: impl Future<Output = T>) -> T {
        struct Awaited<'a>(&'a AtomicUsize);

        impl Drop for Awaited<'_> {
            fn drop(&mut self) {
                self.0.fetch_sub(1, Ordering::Relaxed);
            }
        }

        self.0.fetch_add(1, Ordering::Relaxed);
        let _awaited = Awaited(&self.0);
        answer.await
    }
}

/// A client, and what belongs to its connection.
pub(super) struct Opened {
    pub(super) client: WsClient,
    pub(super) ending: Ending,
    pub(super) long: Long,
}

/// Connects. Must be called within a tokio runtime.
///
/// # Errors
///
/// [`ChainError::Connection`], [`ChainError::Redirected`].
pub(super) async fn open(endpoint: &Endpoint) -> Result<Opened, ChainError> {
    let url = endpoint.url();
    let failed = |error: &dyn core::error::Error| ChainError::Connection {
        endpoint: endpoint.to_string(),
        reason: explained(error),
    };
    let stream = stream(endpoint).await.map_err(|error| failed(&error))?;
    let (stream, head) = Heard::new(stream);
    let transport = WsTransportClientBuilder {
        connection_timeout: CONNECT,
        max_response_size: LONGEST_ANSWER,
        ..WsTransportClientBuilder::default()
    };
    let made = transport.build_with_stream(url.clone(), stream).await;
    let (sender, receiver) = made.map_err(|error| match &error {
        WsHandshakeError::Redirected { location, .. } => ChainError::Redirected {
            endpoint: endpoint.to_string(),
            location: text::line(location, text::NAME),
        },
        WsHandshakeError::Rejected { status_code } => busy(*status_code).map_or_else(
            || failed(&error),
            |what| ChainError::Busy {
                endpoint: endpoint.to_string(),
                what,
                wait: head.wait(),
            },
        ),
        _ => failed(&error),
    })?;
    let ping = PingConfig::new()
        .ping_interval(PING)
        .inactive_limit(SILENCE)
        .max_failures(1);
    let client = WsClientBuilder::new()
        .request_timeout(ANSWER)
        .enable_ws_ping(ping)
        .max_buffer_capacity_per_subscription(WAITING);
    let (ending, long) = (Ending::default(), Long::default());
    let receiver = Guarded {
        receiver,
        ending: ending.clone(),
        long: long.clone(),
    };
    Ok(Opened {
        client: client.build_with_transport(sender, receiver),
        ending,
        long,
    })
}

/// A stream to the endpoint: through its proxy, if it has one, and encrypted for `wss://`.
async fn stream(endpoint: &Endpoint) -> io::Result<Box<dyn Stream>> {
    let url = endpoint.url();
    let scheme = PORTS.iter().find(|(scheme, _)| *scheme == url.scheme());
    let (host, Some(&(scheme, port))) = (url.host_str().unwrap_or_default(), scheme) else {
        return Err(io::Error::other("it is not a WebSocket"));
    };
    let port = url.port().unwrap_or(port);
    // Without the brackets around an IPv6 address in a URL.
    let name = host.trim_matches(['[', ']']);
    let stream: Box<dyn Stream> = match endpoint.proxy() {
        Some(proxy) => tunnel::open(proxy, host, port)
            .await
            .map_err(io::Error::other)?,
        None => Box::new(connected(name, port).await?),
    };
    if scheme == "wss" {
        encrypted(stream, name).await
    } else {
        Ok(stream)
    }
}

/// A connection to the first address of a host that takes one.
pub(super) async fn connected(host: &str, port: u16) -> io::Result<TcpStream> {
    let mut last = io::Error::other("its name has no address");
    for address in net::lookup_host((host, port)).await? {
        match within(TcpStream::connect(address)).await {
            Ok(stream) => {
                // Otherwise a request could wait for the answer to the one before.
                stream.set_nodelay(true)?;
                return Ok(stream);
            }
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// TLS, with the certificates that this system trusts.
async fn encrypted(stream: Box<dyn Stream>, host: &str) -> io::Result<Box<dyn Stream>> {
    // If a provider is installed already, it is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let config = rustls::ClientConfig::with_platform_verifier();
    let name = rustls::pki_types::ServerName::try_from(host.to_owned());
    let name = name.map_err(|_| io::Error::other("its name cannot be in a certificate"))?;
    let connected = TlsConnector::from(Arc::new(config)).connect(name, stream);
    Ok(Box::new(within(connected).await?))
}

/// Waits for a part of a connection, but not for ever.
pub(super) async fn within<T>(future: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    let late = || io::Error::new(io::ErrorKind::TimedOut, "it does not answer in time");
    time::timeout(CONNECT, future).await.map_err(|_| late())?
}

/// Ends a connection that sends more without being asked than any honest endpoint would.
struct Guarded<R> {
    receiver: R,
    ending: Ending,
    long: Long,
}

/// Why a connection was ended.
#[derive(Debug, Error)]
enum ReceiveError<E> {
    #[error(transparent)]
    Transport(E),
    #[error("it sent {0} bytes at once without being asked")]
    TooLong(usize),
    #[error("it answered with {0} bytes, which is absurd")]
    Absurd(usize),
}

impl<R: TransportReceiverT + Send> TransportReceiverT for Guarded<R> {
    type Error = ReceiveError<R::Error>;

    async fn receive(&mut self) -> Result<ReceivedMessage, Self::Error> {
        let received = self.receive_guarded().await;
        if let Err(error) = &received {
            // The first reason is the real one.
            let _ = self.ending.0.set(explained(error));
        }
        received
    }
}

impl<R: TransportReceiverT + Send> Guarded<R> {
    async fn receive_guarded(&mut self) -> Result<ReceivedMessage, ReceiveError<R::Error>> {
        let message = self.receiver.receive().await;
        let message = message.map_err(ReceiveError::Transport)?;
        let text = match &message {
            ReceivedMessage::Text(text) => text.as_bytes(),
            ReceivedMessage::Bytes(bytes) => bytes.as_slice(),
            ReceivedMessage::Pong => &[],
        };
        if text.len() > LONG_ANSWER && self.long.0.load(Ordering::Relaxed) == 0 {
            return Err(ReceiveError::Absurd(text.len()));
        }
        if text.len() > LONGEST_NOTIFICATION && !is_answer(text) {
            return Err(ReceiveError::TooLong(text.len()));
        }
        Ok(message)
    }
}

/// Whether a message answers a request.
fn is_answer(text: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct Message {
        id: Option<IgnoredAny>,
        method: Option<IgnoredAny>,
    }
    let message = serde_json::from_slice(text);
    message.is_ok_and(|message: Message| message.id.is_some() && message.method.is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_that_nobody_asked_for_is_not_an_answer() {
        for (text, expected) in [
            (r#"{"jsonrpc":"2.0","id":1,"result":"0x00"}"#, true),
            (r#"{"jsonrpc":"2.0","error":{"code":1},"id":"a"}"#, true),
            (r#"{"jsonrpc":"2.0","method":"m","params":{}}"#, false),
            (r#"{"id":1,"method":"m","params":{}}"#, false),
            (r#"{"id":null,"result":0}"#, false),
            (r#"[{"id":1,"result":0}]"#, false),
            ("{", false),
        ] {
            assert_eq!(is_answer(text.as_bytes()), expected, "{text}");
        }
    }
}
