//! Asks a running search how it goes.

use core::{future::poll_fn, net::SocketAddr, pin::Pin, time::Duration};
use std::io;

use hyper::{
    Request, Response, StatusCode,
    body::{Body as _, Incoming},
    client::conn::http1,
    header,
};
use hyper_util::rt::TokioIo;
use thiserror::Error;
use tokio::{net::TcpStream, runtime, time};

use super::view::Status;
use crate::{api::Token, cli::Usage, exit::Failure};

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// The most bytes of an answer. The rigs of a fleet may have two million; a search of hundreds of devices needs a tenth.
const MOST: usize = 1 << 22;

/// Somebody who asks.
#[derive(Debug)]
pub(super) struct Client {
    address: SocketAddr,
    token: Option<Token>,
}

/// Why there is no answer, in words that complete "no answer: …".
#[derive(Debug, Error)]
pub(super) enum Unanswered {
    #[error("{0}")]
    Connection(#[from] io::Error),
    #[error("{0}")]
    Http(#[from] hyper::Error),
    #[error("it took too long")]
    Late,
    #[error("the token is missing or wrong")]
    Token,
    #[error("it is no btpow")]
    Foreign,
}

impl Client {
    pub(super) const fn new(address: SocketAddr, token: Option<Token>) -> Self {
        Self { address, token }
    }

    /// Whom it asks.
    pub(super) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// What the search answers.
    pub(super) fn ask(&self) -> Result<Status, Unanswered> {
        let runtime = runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let answer = runtime.block_on(async {
            let answer = time::timeout(PATIENCE, self.get());
            answer.await.unwrap_or(Err(Unanswered::Late))
        })?;
        serde_json::from_slice(&answer).map_err(|_| Unanswered::Foreign)
    }

    async fn get(&self) -> Result<Vec<u8>, Unanswered> {
        let stream = TcpStream::connect(self.address).await?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        let mut request = Request::get("/status").header(header::HOST, self.address.to_string());
        if let Some(token) = &self.token {
            request = request.header(header::AUTHORIZATION, token.header());
        }
        let request = request.body(String::new()).expect("all of it is valid");
        let answer = sender.send_request(request).await?;
        match answer.status() {
            StatusCode::OK => body(answer).await,
            StatusCode::UNAUTHORIZED => Err(Unanswered::Token),
            _ => Err(Unanswered::Foreign),
        }
    }
}

async fn body(answer: Response<Incoming>) -> Result<Vec<u8>, Unanswered> {
    let mut body = answer.into_body();
    let mut bytes = Vec::new();
    while let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        if let Some(data) = frame?.data_ref() {
            bytes.extend_from_slice(data);
        }
        if bytes.len() > MOST {
            return Err(Unanswered::Foreign);
        }
    }
    Ok(bytes)
}

impl Unanswered {
    /// The failure of a command that got no answer at all.
    pub(super) fn into_failure(self, address: SocketAddr) -> Failure {
        match self {
            Self::Token => {
                let problem = format_args!("{address} wants the token of its search");
                let remedy = "name the file that the search was given";
                Usage::new("--api-token-file", problem, remedy).into()
            }
            why => Failure::Unanswered {
                address,
                why: why.to_string(),
            },
        }
    }
}
