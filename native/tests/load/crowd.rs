//! A thousand rigs and more: each has a connection of its own and the worker that a program has, but no device. It finds
//! something when it is told to.
//!
//! One thread reads and takes the time, since what the workers do with a message must not delay the next one.

use core::{cmp::Reverse, net::SocketAddr, time::Duration};
use std::{
    collections::{BTreeMap, BinaryHeap},
    io::{self, ErrorKind},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        mpsc::{self, Receiver, RecvTimeoutError, Sender},
    },
    thread::{self, JoinHandle},
    time::Instant,
};

use btpow_core::{Micros, Position, Search, Solution};
use btpow_fleet::{
    Fleet, Id, RigName, Worker,
    message::{Device, Text},
    worker::{Action, BEAT, Event, Settings},
};
use futures_util::future::try_join_all;
use tokio::{net::TcpStream, runtime, sync::oneshot};

use crate::nats::frame::{Frames, publish};

/// How many connect at once: a server has a queue of that kind.
const AT_ONCE: usize = 100;

/// What a rig says of itself.
const RATE: f64 = 1e6;

/// All of them. They end when dropped.
#[derive(Debug)]
pub(crate) struct Crowd {
    inputs: Sender<Input>,
    seen: Arc<Mutex<Seen>>,
    stop: Option<oneshot::Sender<()>>,
    threads: Vec<JoinHandle<()>>,
}

/// What they saw.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// When each rig was first told of a block, by its number.
    pub(crate) arrivals: BTreeMap<u64, Vec<Instant>>,
    /// How many rigs have a range.
    pub(crate) joined: usize,
    /// When it came that a find was taken, by its nonce.
    pub(crate) taken: BTreeMap<u64, Instant>,
    /// What should not happen.
    pub(crate) complaints: Vec<String>,
}

/// A find that was made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Made {
    pub(crate) block: u64,
    pub(crate) nonce: u64,
    /// When it was found, before it was sent.
    pub(crate) at: Instant,
}

enum Input {
    Came(usize, Instant, Vec<u8>),
    Find(usize, Sender<Made>),
    End,
}

/// One rig.
struct Member {
    name: RigName,
    subject: String,
    worker: Worker,
    stream: Arc<TcpStream>,
    frames: Frames,
    search: Option<Search>,
    next: Position,
    newest: u64,
    /// When it is planned to be woken.
    due: Micros,
}

impl Crowd {
    /// So many connect to a server that lets everybody in. Returns as soon as all are connected; they begin within the time
    /// between two beats, as rigs beat at any time.
    pub(crate) fn start(server: SocketAddr, fleet: &Fleet, count: usize) -> Self {
        let names = (0..count).map(|place| format!("rig-{place}").parse().expect("a name"));
        let names: Vec<RigName> = names.collect();
        let (inputs, came) = mpsc::channel();
        let (stop, stopped) = oneshot::channel();
        let (connected, streams) = mpsc::channel();
        let greetings = names.iter().map(|name| greeting(fleet, name));
        let greetings: Vec<_> = greetings.collect();
        let input = inputs.clone();
        let reading = thread::spawn(move || {
            let runtime = runtime::Builder::new_current_thread().enable_io().build();
            let reading = read(server, greetings, &input, connected, stopped);
            runtime.expect("a runtime").block_on(reading);
        });
        let streams = streams.recv().expect("all connect");
        let begun = Instant::now();
        let members = names.into_iter().zip(streams).enumerate();
        let members = members.map(|(place, (name, stream))| {
            let begins = BEAT * place as Micros / count as Micros;
            Member::new(fleet, name, stream, Id(place as u64 + 1), begins)
        });
        let members: Vec<_> = members.collect();
        let seen: Arc<Mutex<Seen>> = Arc::default();
        let note = Arc::clone(&seen);
        let living = thread::spawn(move || live(members, &came, begun, &note));
        Self {
            inputs,
            seen,
            stop: Some(stop),
            threads: vec![reading, living],
        }
    }

    /// A rig finds a nonce that wins for the challenge that it has.
    pub(crate) fn find(&self, rig: usize) -> Made {
        let (tell, told) = mpsc::channel();
        let asked = self.inputs.send(Input::Find(rig, tell));
        asked.expect("it lives");
        told.recv().expect("it has a challenge")
    }

    /// What they saw so far.
    pub(crate) fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Crowd {
    fn drop(&mut self) {
        // A thread that is gone has failed.
        let _ = self.inputs.send(Input::End);
        let _ = self.stop.take().map(|stop| stop.send(()));
        for thread in self.threads.drain(..) {
            let ended = thread.join();
            assert!(thread::panicking() || ended.is_ok(), "the crowd failed");
        }
    }
}

/// What a rig says first: who it is, what it reads, and whether that was heard.
fn greeting(fleet: &Fleet, name: &RigName) -> String {
    let (all, own) = (fleet.announce(), fleet.to_rig(name));
    let connect = r#"CONNECT {"verbose":false,"pedantic":false,"lang":"test","version":"0"}"#;
    format!("{connect}\r\nSUB {all} 1\r\nSUB {own} 2\r\nPING\r\n")
}

/// Connects, says so, and passes on what comes, until it is stopped.
async fn read(
    server: SocketAddr,
    greetings: Vec<String>,
    input: &Sender<Input>,
    connected: Sender<Vec<Arc<TcpStream>>>,
    stopped: oneshot::Receiver<()>,
) {
    let mut all = Vec::new();
    for greetings in greetings.chunks(AT_ONCE) {
        let connecting = greetings.iter().map(|greeting| connect(server, greeting));
        all.extend(try_join_all(connecting).await.expect("the server has room"));
    }
    let streams = all.iter().map(|(stream, _)| Arc::clone(stream)).collect();
    connected.send(streams).expect("somebody waits");
    let mut receiving = Vec::new();
    for (place, (stream, first)) in all.into_iter().enumerate() {
        let input = input.clone();
        let came = move |bytes| drop(input.send(Input::Came(place, Instant::now(), bytes)));
        came(first);
        receiving.push(tokio::spawn(receive(stream, came)));
    }
    // An error means that the test has failed.
    let _ = stopped.await;
    receiving.iter().for_each(tokio::task::JoinHandle::abort);
}

/// A connection, and what came on it until the server had heard everything.
async fn connect(server: SocketAddr, greeting: &str) -> io::Result<(Arc<TcpStream>, Vec<u8>)> {
    let stream = TcpStream::connect(server).await?;
    stream.set_nodelay(true)?;
    stream.writable().await?;
    let sent = stream.try_write(greeting.as_bytes())?;
    assert_eq!(sent, greeting.len(), "an empty connection takes it");
    let mut first = Vec::new();
    while !first.windows(6).any(|it| it == b"PONG\r\n") {
        stream.readable().await?;
        match stream.try_read_buf(&mut first) {
            Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
            Err(error) if error.kind() != ErrorKind::WouldBlock => return Err(error),
            _ => {}
        }
    }
    Ok((Arc::new(stream), first))
}

/// Passes on what comes, until the server is gone.
async fn receive(stream: Arc<TcpStream>, came: impl Fn(Vec<u8>)) {
    while stream.readable().await.is_ok() {
        let mut bytes = Vec::with_capacity(2_048);
        match stream.try_read_buf(&mut bytes) {
            Ok(0) => return,
            Ok(_) => came(bytes),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(_) => return,
        }
    }
}

/// Has all workers do what they do, until the end.
fn live(mut members: Vec<Member>, inputs: &Receiver<Input>, begun: Instant, seen: &Mutex<Seen>) {
    let now = || u64::try_from(begun.elapsed().as_micros()).expect("less than ages");
    let dues = members.iter().enumerate();
    let dues = dues.map(|(place, member)| Reverse((member.due, place)));
    let mut dues: BinaryHeap<_> = dues.collect();
    loop {
        let due = dues.peek().map_or(BEAT, |Reverse((due, _))| *due);
        let left = Duration::from_micros(due.saturating_sub(now()));
        let came = match inputs.recv_timeout(left) {
            Ok(input) => Some(input),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => return,
        };
        let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
        let touched = match came {
            Some(Input::Came(place, at, bytes)) => {
                members[place].read(&bytes, at, now(), &mut seen);
                place
            }
            Some(Input::Find(place, tell)) => {
                // If it has none, nobody is told.
                let made = members[place].find(now(), &mut seen);
                made.map(|made| tell.send(made));
                place
            }
            Some(Input::End) => return,
            None => {
                let Some(Reverse((due, place))) = dues.pop() else {
                    continue;
                };
                if members[place].due == due {
                    members[place].due = Micros::MAX;
                    let actions = members[place].worker.tick(now());
                    members[place].perform(actions, Instant::now(), &mut seen);
                }
                place
            }
        };
        let member = &mut members[touched];
        let due = member.worker.next_tick();
        if due < member.due {
            member.due = due;
            dues.push(Reverse((due, touched)));
        }
    }
}

impl Member {
    fn new(
        fleet: &Fleet,
        name: RigName,
        stream: Arc<TcpStream>,
        session: Id,
        begins: Micros,
    ) -> Self {
        let program = Text::new("btpow's crowd");
        let mut worker = Worker::new(Settings { session, program }, begins);
        worker.devices(vec![Device {
            name: Text::new("cpu:0"),
            rate: RATE,
            nonces: 0,
            fault: None,
        }]);
        Self {
            subject: fleet.from_rig(&name),
            name,
            due: worker.next_tick(),
            worker,
            stream,
            frames: Frames::default(),
            search: None,
            next: Position(0),
            newest: 0,
        }
    }

    fn read(&mut self, bytes: &[u8], at: Instant, now: Micros, seen: &mut Seen) {
        self.frames.add(bytes);
        while let Some(frame) = self.frames.take() {
            match frame.verb() {
                "MSG" => {
                    let is_for_all = frame.words().nth(2) == Some("1");
                    let actions = if is_for_all {
                        self.worker.announced(frame.payload(), now)
                    } else {
                        self.worker.received(frame.payload(), now)
                    };
                    self.perform(actions, at, seen);
                }
                "PING" => self.write(b"PONG\r\n", seen),
                "INFO" | "PONG" => {}
                other => seen.complain(&self.name, other),
            }
        }
    }

    fn perform(&mut self, actions: Vec<Action>, at: Instant, seen: &mut Seen) {
        for action in actions {
            match action {
                Action::Send(bytes) => self.write(&publish(&self.subject, &bytes), seen),
                Action::Search(search) => {
                    let block = search.block_number.expect("a block of the chain");
                    if block > self.newest {
                        self.newest = block;
                        seen.arrivals.entry(block).or_default().push(at);
                    }
                    (self.search, self.next) = (Some(search), search.start);
                }
                Action::Pause(_) => self.search = None,
                Action::Tell(Event::Joined(_)) => seen.joined += 1,
                Action::Tell(Event::Taken { nonce, .. }) => {
                    seen.taken.insert(nonce, at);
                }
                Action::Tell(Event::Follows(_)) => {}
                Action::Tell(event) => seen.complain(&self.name, &format!("{event:?}")),
            }
        }
    }

    fn find(&mut self, now: Micros, seen: &mut Seen) -> Option<Made> {
        let search = self.search?;
        let target = search.difficulty.target();
        let protocol = search.challenge.protocol();
        let solution = loop {
            let nonce = self.next.nonce(protocol);
            self.next = self.next.after(1);
            if let Ok(solution) = Solution::verify(&search.challenge, &target, nonce) {
                break solution;
            }
        };
        let made = Made {
            block: search.block_number?,
            nonce: solution.nonce(),
            at: Instant::now(),
        };
        self.worker.at(self.next);
        let actions = self.worker.found(&search.challenge, solution, now);
        self.perform(actions, made.at, seen);
        Some(made)
    }

    /// What is as short as this has room, unless the server has stopped reading.
    fn write(&self, bytes: &[u8], seen: &mut Seen) {
        match self.stream.try_write(bytes) {
            Ok(written) if written == bytes.len() => {}
            other => seen.complain(&self.name, &format!("it cannot write: {other:?}")),
        }
    }
}

impl Seen {
    fn complain(&mut self, rig: &RigName, what: &str) {
        self.complaints.push(format!("{rig}: {what}"));
    }
}
