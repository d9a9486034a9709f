//! The server of the API: a thread of its own, and limits that a slow or hostile client runs into before the search feels
//! it.

use core::{convert::Infallible, net::SocketAddr, pin::pin, time::Duration};
use std::{
    net,
    sync::Arc,
    thread::{self, JoinHandle},
};

use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    runtime,
    sync::oneshot,
    task::AbortHandle,
    time,
};
use tracing::debug;

use super::{desk::Desk, pace::Pace, places::Places};
use crate::{exit::Failure, rig::RigError};

/// How long a client may take for the head of a request, the first one or another.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long a connection lasts: a client that keeps it has to make another.
const LIFETIME: Duration = Duration::from_secs(60);

/// The most bytes and fields of a request's head.
const HEAD: usize = 16 << 10;
const FIELDS: usize = 64;

/// How long to wait where the system gives no connection, for lack of descriptors.
const SHORTAGE: Duration = Duration::from_millis(100);

/// Stack of the thread.
const STACK: usize = 512 << 10;

/// Answers until it is dropped.
#[derive(Debug)]
pub(super) struct Server {
    /// Ends the thread when it is dropped.
    stop: Option<oneshot::Sender<Infallible>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Starts a thread that answers at a listener, which must not block.
    pub(super) fn start(listener: net::TcpListener, desk: Arc<Desk>) -> Result<Self, Failure> {
        let runtime = runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(Failure::Waiting)?;
        let listener = {
            let _inside = runtime.enter();
            TcpListener::from_std(listener).map_err(Failure::Waiting)?
        };
        let (stop, stopped) = oneshot::channel();
        let thread = thread::Builder::new()
            .name("api".to_owned())
            .stack_size(STACK)
            .spawn(move || {
                runtime.block_on(async {
                    tokio::select! {
                        () = serve(listener, desk) => {}
                        _ = stopped => {}
                    }
                });
            })
            .map_err(RigError::Thread)?;
        Ok(Self {
            stop: Some(stop),
            thread: Some(thread),
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic there has been reported, and the search is over.
            let _ = thread.join();
        }
    }
}

async fn serve(listener: TcpListener, desk: Arc<Desk>) {
    let mut open: Places<AbortHandle> = Places::new();
    let pace = Pace::of_connections();
    loop {
        pace.turn().await;
        let (stream, peer) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                debug!(%error, "no connection to the API");
                time::sleep(SHORTAGE).await;
                continue;
            }
        };
        open.retain(|it| !it.is_finished());
        let talking = tokio::spawn(talk(stream, peer, Arc::clone(&desk)));
        if let Some(leaving) = open.take(peer.ip(), talking.abort_handle()) {
            leaving.abort();
        }
    }
}

/// Answers what comes on one connection.
async fn talk(stream: TcpStream, peer: SocketAddr, desk: Arc<Desk>) {
    // Answers are whole: nothing is gained by waiting for more.
    let _ = stream.set_nodelay(true);
    let service = service_fn(|request| {
        let desk = &desk;
        async move {
            let kind = desk.kind(&request, peer);
            desk.paces.turn(kind).await;
            Ok::<_, Infallible>(desk.answer(&request, peer))
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(PATIENCE)
        .max_buf_size(HEAD)
        .max_headers(FIELDS)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    match time::timeout(LIFETIME, connection.as_mut()).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => debug!(%error, %peer, "a client of the API"),
        Err(_) => {
            connection.as_mut().graceful_shutdown();
            let _ = time::timeout(PATIENCE, connection).await;
        }
    }
}
