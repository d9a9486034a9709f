//! What is between a server and its clients when the network is bad: it holds everything, or loses messages.

use core::net::SocketAddr;
use std::{
    io::{Read as _, Write as _},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
};

use super::frame::{Frame, Frames};

/// The way to a server. It ends with the test.
#[derive(Clone, Debug)]
pub(crate) struct Between {
    address: SocketAddr,
    shared: Arc<(Mutex<State>, Condvar)>,
}

#[derive(Debug)]
struct State {
    /// Whether nothing passes.
    holds: bool,
    /// Of a hundred messages so many are lost.
    loss: u64,
    /// How many were.
    lost: u64,
    /// SplitMix64.
    seed: u64,
}

impl Between {
    /// A way to this server on which everything passes.
    pub(crate) fn before(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let it = Self {
            address: listener.local_addr().expect("an address"),
            shared: Arc::new((
                Mutex::new(State {
                    holds: false,
                    loss: 0,
                    lost: 0,
                    seed: 0,
                }),
                Condvar::new(),
            )),
        };
        let passing = it.clone();
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                // Nobody listens there while the server is down.
                if let Ok(server) = TcpStream::connect(server) {
                    passing.join(&client, &server);
                }
            }
        });
        it
    }

    /// Where it listens, as a fleet's address.
    pub(crate) fn url(&self) -> String {
        format!("nats://{}", self.address)
    }

    /// From now on nothing passes, though connections stay; or it passes again, with what came meanwhile.
    pub(crate) fn hold(&self, holds: bool) {
        self.state().holds = holds;
        self.shared.1.notify_all();
    }

    /// From now on, of a hundred messages so many are lost, by this seed.
    pub(crate) fn lose(&self, loss: u64, seed: u64) {
        let mut state = self.state();
        (state.loss, state.seed) = (loss, seed);
    }

    /// How many messages were lost.
    pub(crate) fn lost(&self) -> u64 {
        self.state().lost
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.shared.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Passes on what each says to the other.
    fn join(&self, client: &TcpStream, server: &TcpStream) {
        for (from, to) in [(client, server), (server, client)] {
            let (from, to) = (from.try_clone(), to.try_clone());
            let (from, to) = (from.expect("a connection"), to.expect("a connection"));
            to.set_nodelay(true).expect("a connection");
            let it = self.clone();
            thread::spawn(move || it.pass_on(from, to));
        }
    }

    /// Passes on what one says to the other, until either is gone.
    fn pass_on(&self, mut from: TcpStream, mut to: TcpStream) {
        let (mut frames, mut bytes) = (Frames::default(), [0; 4_096]);
        while let Ok(len @ 1..) = from.read(&mut bytes) {
            frames.add(&bytes[..len]);
            while let Some(frame) = frames.take() {
                if self.passes(&frame) && to.write_all(&frame.bytes).is_err() {
                    break;
                }
            }
        }
        // The other side may be gone already.
        let _ = from.shutdown(Shutdown::Both);
        let _ = to.shutdown(Shutdown::Both);
    }

    /// Waits while nothing passes; whether this does then.
    fn passes(&self, frame: &Frame) -> bool {
        let state = self.shared.1.wait_while(self.state(), |it| it.holds);
        let mut state = state.unwrap_or_else(PoisonError::into_inner);
        let is_message = matches!(frame.verb(), "MSG" | "HMSG" | "PUB" | "HPUB");
        let is_lost = is_message && state.chance() < state.loss;
        state.lost += u64::from(is_lost);
        !is_lost
    }
}

impl State {
    /// A number below a hundred.
    const fn chance(&mut self) -> u64 {
        self.seed = self.seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.seed;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % 100
    }
}
