//! Binds the address of the API, before anything else begins.

use core::net::SocketAddr;
use std::{
    io::{self, ErrorKind},
    net::TcpListener,
    sync::Arc,
};

use super::{
    Aim, Board,
    desk::Desk,
    published::Published,
    server::Server,
    token::{self, Token},
};
use crate::{
    cli::{ApiArgs, Usage},
    exit::Failure,
    gauges::Gauges,
    output,
    report::Status,
    rig::{Rig, RigError},
};

/// The API of a search, if the user wants one. It answers until it is dropped.
#[derive(Debug)]
pub struct Api(Option<Open>);

#[derive(Debug)]
struct Open {
    board: Board,
    state: State,
}

#[derive(Debug)]
enum State {
    /// It is clear that nobody else has the address.
    Bound {
        listener: TcpListener,
        token: Option<Token>,
    },
    Serving {
        /// Ends when it is dropped.
        _server: Server,
    },
}

impl Api {
    /// Binds what the flags name, without answering yet; a dry run binds nothing, since the real one may be at work.
    /// `command` is the user's, for those who ask.
    ///
    /// # Errors
    ///
    /// The address cannot be bound, or needs a token; the token is none.
    pub fn bind(args: &ApiArgs, command: &'static str, dry_run: bool) -> Result<Self, Usage> {
        let Some(address) = args.api else {
            return Ok(Self(None));
        };
        let token = args
            .api_token_file
            .as_deref()
            .map(Token::read)
            .transpose()?;
        if token.is_none() && !address.ip().is_loopback() {
            let problem = format_args!("missing, and others can reach {address}");
            let remedy = "name a file with a token, or let --api be 127.0.0.1:PORT";
            return Err(Usage::new(token::FLAG, problem, remedy));
        }
        if dry_run {
            return Ok(Self(None));
        }
        let listener = listen(address).map_err(|error| {
            let remedy = "choose another, or port 0 for any that is free";
            let problem = match error.kind() {
                ErrorKind::AddrInUse => format!("{address} is in use"),
                _ => format!("cannot listen at {address}: {error}"),
            };
            Usage::new("--api", problem, remedy)
        })?;
        Ok(Self(Some(Open {
            board: Board::new(command),
            state: State::Bound { listener, token },
        })))
    }

    /// Answers from now on, and says where.
    ///
    /// # Errors
    ///
    /// The system gives no thread, or nothing to wait with.
    pub fn serve(&mut self) -> Result<(), Failure> {
        let Some(Open { board, state }) = self.0.take() else {
            return Ok(());
        };
        let state = match state {
            State::Bound { listener, token } => {
                let address = listener.local_addr().map_err(Failure::Waiting)?;
                let desk = Arc::new(Desk::new(board.clone(), token));
                let server = Server::start(listener, desk)?;
                output::say(&format!(
                    "how it goes is at http://{address}/status (--api); `btpow top {address}` shows it"
                ));
                State::Serving { _server: server }
            }
            serving => serving,
        };
        self.0 = Some(Open { board, state });
        Ok(())
    }

    /// The search has begun: what it is for, what hashes, and where its sensors are.
    ///
    /// # Errors
    ///
    /// The system gives no thread.
    pub fn begin(&self, aims: Vec<Aim>, rig: &Rig, gauges: &Gauges) -> Result<(), RigError> {
        if let Some(Open { board, .. }) = &self.0 {
            board.begin(aims, rig.messenger(), gauges.clone());
            gauges.read()?;
        }
        Ok(())
    }

    /// A status whose user also sees it by the API.
    pub fn show(&self, status: Box<dyn Status>) -> Box<dyn Status> {
        match &self.0 {
            Some(Open { board, .. }) => Box::new(Published::new(board.clone(), status)),
            None => status,
        }
    }
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let listener = TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}
