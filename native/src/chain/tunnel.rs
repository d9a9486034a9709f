//! The way through a proxy: HTTP's CONNECT, and SOCKS5.

use core::future;
use std::io;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use hyper::{Request, StatusCode, client::conn::http1, header, upgrade};
use hyper_util::rt::TokioIo;
use thiserror::Error;
use tokio::net::{self, TcpStream};
use tokio_socks::tcp::Socks5Stream;
use tracing::debug;

use super::{
    proxy::{Kind, Proxy},
    transport::{Stream, connected, within},
};

/// What keeps a proxy from opening the way. Messages begin with the proxy, and never hold its password.
#[derive(Debug, Error)]
pub(super) enum TunnelError {
    #[error("the proxy {proxy} cannot be reached: {error}")]
    Unreachable { proxy: Proxy, error: io::Error },

    #[error(
        "the proxy {0} wants a user and a password; give them as in http://USER:PASSWORD@HOST:PORT"
    )]
    NoLogin(Proxy),

    #[error("the proxy {0} refuses the user and the password of its URL")]
    WrongLogin(Proxy),

    #[error("the proxy {proxy} opens no way there: it answers {status}")]
    Status { proxy: Proxy, status: StatusCode },

    #[error("the proxy {proxy} opens no way there: {error}")]
    Socks {
        proxy: Proxy,
        error: tokio_socks::Error,
    },

    #[error("the proxy {proxy} does not answer as one: {error}")]
    NotAProxy { proxy: Proxy, error: hyper::Error },

    #[error("the proxy {proxy} cannot be asked for {host}: {error}; check the endpoint's URL")]
    WrongHost {
        proxy: Proxy,
        host: String,
        error: hyper::http::Error,
    },

    #[error("{host} has no address here: {error}; socks5h:// lets the proxy look it up")]
    Unknown { host: String, error: io::Error },

    #[error("the proxy {0} does not answer in time")]
    Late(Proxy),
}

/// A connection to a port of a host through a proxy. `host` is as in a URL: an IPv6 address has brackets.
pub(super) async fn open(
    proxy: &Proxy,
    host: &str,
    port: u16,
) -> Result<Box<dyn Stream>, TunnelError> {
    let (name, at) = proxy.place();
    let unreachable = |error| TunnelError::Unreachable {
        proxy: proxy.clone(),
        error,
    };
    let stream = connected(&name, at).await.map_err(unreachable)?;
    let opened = async {
        Ok(match proxy.kind() {
            Kind::Http => http(proxy, stream, host, port).await,
            Kind::Socks5 | Kind::Socks5h => socks(proxy, stream, host, port).await,
        })
    };
    within(opened)
        .await
        .unwrap_or_else(|_| Err(TunnelError::Late(proxy.clone())))
}

async fn http(
    proxy: &Proxy,
    stream: TcpStream,
    host: &str,
    port: u16,
) -> Result<Box<dyn Stream>, TunnelError> {
    let failed = |error| TunnelError::NotAProxy {
        proxy: proxy.clone(),
        error,
    };
    let authority = format!("{host}:{port}");
    let mut request = Request::connect(&authority).header(header::HOST, &authority);
    let login = proxy.login();
    if let Some((user, password)) = &login {
        let login = BASE64_STANDARD.encode(format!("{user}:{password}"));
        request = request.header(header::PROXY_AUTHORIZATION, format!("Basic {login}"));
    }
    // A URL's host may have characters that HTTP has no place for.
    let request = request.body(String::new());
    let request = request.map_err(|error| TunnelError::WrongHost {
        proxy: proxy.clone(),
        host: host.to_owned(),
        error,
    })?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream))
        .await
        .map_err(failed)?;
    let asked = async {
        let response = sender.send_request(request).await.map_err(failed)?;
        match response.status() {
            status if status.is_success() => {}
            StatusCode::PROXY_AUTHENTICATION_REQUIRED if login.is_some() => {
                return Err(TunnelError::WrongLogin(proxy.clone()));
            }
            StatusCode::PROXY_AUTHENTICATION_REQUIRED => {
                return Err(TunnelError::NoLogin(proxy.clone()));
            }
            status => {
                let proxy = proxy.clone();
                return Err(TunnelError::Status { proxy, status });
            }
        }
        let opened = upgrade::on(response).await.map_err(failed)?;
        Ok(Box::new(TokioIo::new(opened)) as Box<dyn Stream>)
    };
    // It carries the question and the answer, which tells when it breaks.
    let carried = async {
        if let Err(error) = connection.with_upgrades().await {
            debug!(%error, "the connection to the proxy ended");
        }
        future::pending().await
    };
    tokio::select! {
        opened = asked => opened,
        never = carried => never,
    }
}

async fn socks(
    proxy: &Proxy,
    stream: TcpStream,
    host: &str,
    port: u16,
) -> Result<Box<dyn Stream>, TunnelError> {
    let host = host.trim_matches(['[', ']']);
    let target = if proxy.kind() == Kind::Socks5 {
        let unknown = |error| TunnelError::Unknown {
            host: host.to_owned(),
            error,
        };
        let mut addresses = net::lookup_host((host, port)).await.map_err(unknown)?;
        let address = addresses.next();
        let none = || unknown(io::ErrorKind::NotFound.into());
        address.ok_or_else(none)?.ip().to_string()
    } else {
        host.to_owned()
    };
    // The library sends as an address what is one, and as a name what is not.
    let target = (target.as_str(), port);
    let opened = match proxy.login() {
        Some((user, password)) => {
            Socks5Stream::connect_with_password_and_socket(stream, target, &user, &password).await
        }
        None => Socks5Stream::connect_with_socket(stream, target).await,
    };
    let opened = opened.map_err(|error| {
        let proxy = proxy.clone();
        match error {
            tokio_socks::Error::PasswordAuthFailure(_) => TunnelError::WrongLogin(proxy),
            tokio_socks::Error::NoAcceptableAuthMethods if proxy.login().is_none() => {
                TunnelError::NoLogin(proxy)
            }
            error => TunnelError::Socks { proxy, error },
        }
    })?;
    Ok(Box::new(opened.into_inner()))
}
