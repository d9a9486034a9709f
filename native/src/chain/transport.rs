//! The way to an endpoint: TCP, TLS where the endpoint is a `wss://` one, a WebSocket, and JSON-RPC in it.
//!
//! The connection is made here, and not by the client's own connector, which follows redirections: to
//! `ws://` and to other machines too, while the screen still names the endpoint that was given.

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
use url::{Host, Url};

use super::{ChainError, network::Endpoint};
use crate::text;

/// How long each part of a connection may take: an address, TLS, the WebSocket's handshake.
const CONNECT: Duration = Duration::from_secs(10);

/// How long an answer may take. Metadata of 800 kB is the longest.
const ANSWER: Duration = Duration::from_secs(20);

/// How often a silent connection is tried, and when it is given up.
const PING: Duration = Duration::from_secs(10);
const SILENCE: Duration = Duration::from_secs(30);

/// The most bytes of an answer where metadata or a block is awaited: of the largest metadata that is read, in
/// hexadecimal digits, and of a block that is full.
const LONGEST_ANSWER: u32 = 12 << 20;

/// The most bytes of any other answer.
const LONG_ANSWER: usize = 256 << 10;

/// The most bytes of what is told without being asked: headers have some hundreds.
const LONGEST_NOTIFICATION: usize = 64 << 10;

/// How much of what is told may wait to be heard, for each subscription.
const WAITING: usize = 32;

/// The ports of the two schemes.
const PORTS: [(&str, u16); 2] = [("ws", 80), ("wss", 443)];

/// What bytes go through, encrypted or not.
trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// Why a connection came to its end, once it has. The client itself says only that it has.
#[derive(Clone, Debug, Default)]
pub(super) struct Ending(Arc<OnceLock<String>>);

impl Ending {
    /// In the words of whoever ended it.
    pub(super) fn reason(&self) -> &str {
        self.0
            .get()
            .map_or("the connection was closed", String::as_str)
    }
}

/// How many answers are awaited that may be long. What a library makes of a long answer where a short one is
/// expected may be many times as large.
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

/// A client, and what is known of its connection.
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
    let stream = stream(url).await.map_err(|error| failed(&error))?;
    let transport = WsTransportClientBuilder {
        connection_timeout: CONNECT,
        max_response_size: LONGEST_ANSWER,
        ..WsTransportClientBuilder::default()
    };
    let made = transport.build_with_stream(url.clone(), stream).await;
    let (sender, receiver) = made.map_err(|error| match error {
        WsHandshakeError::Redirected { location, .. } => ChainError::Redirected {
            endpoint: endpoint.to_string(),
            location: text::line(&location, text::NAME),
        },
        error => failed(&error),
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

/// A connection to the first address of the host that takes one.
async fn stream(url: &Url) -> io::Result<Box<dyn Stream>> {
    let scheme = PORTS.iter().find(|(scheme, _)| *scheme == url.scheme());
    let (host, Some(&(scheme, port))) = (url.host_str().unwrap_or_default(), scheme) else {
        return Err(io::Error::other("it is no WebSocket"));
    };
    // Without the brackets that addresses of version 6 have in a URL.
    let name = match url.host() {
        Some(Host::Ipv6(address)) => address.to_string(),
        _ => host.to_owned(),
    };
    let addresses = net::lookup_host((name.as_str(), url.port().unwrap_or(port))).await?;
    let mut last = io::Error::other("its name has no address");
    for address in addresses {
        match within(TcpStream::connect(address)).await {
            Ok(stream) => {
                // Without it a request could wait for the answer to the one before.
                stream.set_nodelay(true)?;
                return if scheme == "wss" {
                    encrypted(stream, &name).await
                } else {
                    Ok(Box::new(stream))
                };
            }
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// TLS, with the certificates that this system trusts.
async fn encrypted(stream: TcpStream, host: &str) -> io::Result<Box<dyn Stream>> {
    // There may be one already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let config = rustls::ClientConfig::with_platform_verifier();
    let name = rustls::pki_types::ServerName::try_from(host.to_owned());
    let name = name.map_err(|_| io::Error::other("its name cannot be in a certificate"))?;
    let connected = TlsConnector::from(Arc::new(config)).connect(name, stream);
    Ok(Box::new(within(connected).await?))
}

async fn within<T>(future: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    let late = || io::Error::new(io::ErrorKind::TimedOut, "it does not answer in time");
    time::timeout(CONNECT, future).await.map_err(|_| late())?
}

/// Ends a connection that tells more, without being asked, than any honest one has to tell.
struct Guarded<R> {
    receiver: R,
    ending: Ending,
    long: Long,
}

/// Why a connection was ended.
#[derive(Debug, Error)]
enum Unheard<E> {
    #[error(transparent)]
    Transport(E),
    #[error("it told {0} bytes at once without being asked")]
    TooLong(usize),
    #[error("it answered with {0} bytes, which is absurd")]
    Absurd(usize),
}

impl<R: TransportReceiverT + Send> TransportReceiverT for Guarded<R> {
    type Error = Unheard<R::Error>;

    async fn receive(&mut self) -> Result<ReceivedMessage, Self::Error> {
        let heard = self.hear().await;
        if let Err(error) = &heard {
            // The first reason is the right one.
            let _ = self.ending.0.set(explained(error));
        }
        heard
    }
}

impl<R: TransportReceiverT + Send> Guarded<R> {
    async fn hear(&mut self) -> Result<ReceivedMessage, Unheard<R::Error>> {
        let message = self.receiver.receive().await;
        let message = message.map_err(Unheard::Transport)?;
        let text = match &message {
            ReceivedMessage::Text(text) => text.as_bytes(),
            ReceivedMessage::Bytes(bytes) => bytes.as_slice(),
            ReceivedMessage::Pong => &[],
        };
        if text.len() > LONG_ANSWER && self.long.0.load(Ordering::Relaxed) == 0 {
            return Err(Unheard::Absurd(text.len()));
        }
        if text.len() > LONGEST_NOTIFICATION && !is_answer(text) {
            return Err(Unheard::TooLong(text.len()));
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

/// An error and its causes, which hold what people need to know: refused, name, certificate.
fn explained(error: &dyn core::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let words = inner.to_string();
        if !text.contains(&words) {
            text = format!("{text}: {words}");
        }
        cause = inner.source();
    }
    text::line(&text, text::MESSAGE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_asked_for_is_no_answer() {
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
