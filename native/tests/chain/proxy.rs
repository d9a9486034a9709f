//! Bad luck: a proxy between the program and a chain. It passes JSON-RPC on and counts it, and a test may change
//! chosen requests and notifications.

use core::{
    net::SocketAddr,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    time::Duration,
};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread::{self, JoinHandle},
    time::Instant,
};

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Notify, mpsc, oneshot, watch},
};
use tokio_tungstenite::{
    WebSocketStream, accept_async, client_async,
    tungstenite::{Message, Result},
};

use super::text::PATIENCE;

/// The method that sends a transaction.
pub(crate) const SUBMIT: &str = "author_submitAndWatchExtrinsic";

/// What to do with a request.
pub(crate) enum Fate {
    /// Pass it on.
    Passed,
    /// Answer with this result; the chain sees nothing.
    Answered(Value),
    /// Answer with this error.
    Refused(Value),
    /// Break the connection; the chain sees nothing.
    Lost,
    /// Pass it on, and break the connection before the answer. Refuse new connections.
    PassedAndLost,
    /// It is passed on when there is a word, and what comes after it at once.
    Held(Word),
}

/// What a held request waits for.
#[derive(Clone, Default)]
pub(crate) struct Word(Arc<Notify>);

impl Word {
    /// Gives it.
    pub(crate) fn give(&self) {
        self.0.notify_one();
    }
}

/// The proxy. Dropping it ends it.
pub(crate) struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

type Rule = Box<dyn FnMut(&str, &Value) -> Fate + Send>;
type Filter = Box<dyn FnMut(Value) -> Vec<Value> + Send>;
type Forger = Box<dyn FnMut(&str, Value) -> Value + Send>;

struct Shared {
    /// The chain's `127.0.0.1:PORT`.
    chain: String,
    /// Whether it accepts new connections.
    open: AtomicBool,
    /// How many connections it accepted.
    connections: AtomicUsize,
    /// Changes when all connections must break.
    cut: watch::Sender<()>,
    /// The methods that were called.
    calls: Mutex<Vec<String>>,
    /// The transactions that were sent, in hexadecimal digits.
    submitted: Mutex<Vec<String>>,
    rule: Mutex<Rule>,
    /// Filters for notifications about transactions and blocks.
    filters: [Mutex<Filter>; 2],
    /// Forges answers.
    forger: Mutex<Option<Forger>>,
}

/// What to do with notifications about transactions and blocks.
const NOTIFICATIONS: [&str; 2] = ["\"author_extrinsicUpdate\"", "\"chain_newHead\""];

impl Proxy {
    /// Stands in front of a chain and passes everything on.
    pub(crate) fn before(endpoint: &str) -> Self {
        let chain = endpoint.strip_prefix("ws://").expect("a chain's endpoint");
        let shared = Arc::new(Shared {
            chain: chain.to_owned(),
            open: AtomicBool::new(true),
            connections: AtomicUsize::new(0),
            cut: watch::Sender::new(()),
            calls: Mutex::default(),
            rule: Mutex::new(Box::new(|_, _| Fate::Passed)),
            submitted: Mutex::default(),
            filters: [(); 2].map(|()| Mutex::new(Box::new(|told| vec![told]) as Filter)),
            forger: Mutex::default(),
        });
        let (stop, stopped) = oneshot::channel();
        let (tell, told) = std::sync::mpsc::channel();
        let serving = Arc::clone(&shared);
        let thread = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime");
            runtime.block_on(async {
                let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
                let address = listener.local_addr().expect("an address");
                tell.send(address).expect("somebody waits");
                tokio::select! {
                    () = listen(listener, serving) => {}
                    _ = stopped => {}
                }
            });
        });
        Self {
            address: told.recv().expect("it listens"),
            shared,
            stop: Some(stop),
            thread: Some(thread),
        }
    }

    /// Where it listens.
    pub(crate) fn endpoint(&self) -> String {
        format!("ws://{}", self.address)
    }

    /// From now on, `rule` decides about every request, by its method and parameters.
    pub(crate) fn on_request(&self, rule: impl FnMut(&str, &Value) -> Fate + Send + 'static) {
        *locked(&self.shared.rule) = Box::new(rule);
    }

    /// From now on, passes every request on.
    pub(crate) fn pass_all(&self) {
        self.on_request(|_, _| Fate::Passed);
    }

    /// Replaces or drops, with `filter`, what the chain says about transactions.
    pub(crate) fn on_progress(
        &self,
        mut filter: impl FnMut(Value) -> Option<Value> + Send + 'static,
    ) {
        *locked(&self.shared.filters[0]) = Box::new(move |told| filter(told).into_iter().collect());
    }

    /// Replaces, with `filter`, each header that the chain announces by others, none or many.
    pub(crate) fn on_head(&self, filter: impl FnMut(Value) -> Vec<Value> + Send + 'static) {
        *locked(&self.shared.filters[1]) = Box::new(filter);
    }

    /// Replaces answers with `forger`, by the method that was called.
    pub(crate) fn on_answer(&self, forger: impl FnMut(&str, Value) -> Value + Send + 'static) {
        *locked(&self.shared.forger) = Some(Box::new(forger));
    }

    /// Breaks all connections.
    pub(crate) fn cut(&self) {
        self.shared.cut.send_replace(());
    }

    /// Accepts no more connections.
    pub(crate) fn close(&self) {
        self.shared.open.store(false, Ordering::SeqCst);
    }

    /// Accepts connections again.
    pub(crate) fn open(&self) {
        self.shared.open.store(true, Ordering::SeqCst);
    }

    /// How many connections it has accepted.
    pub(crate) fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::SeqCst)
    }

    /// The methods called so far, in order.
    pub(crate) fn calls(&self) -> Vec<String> {
        locked(&self.shared.calls).clone()
    }

    /// The transactions sent so far, in order, as 0x-hex. One that is sent again is listed again.
    pub(crate) fn submitted(&self) -> Vec<String> {
        locked(&self.shared.submitted).clone()
    }

    /// Waits until a method was called.
    pub(crate) fn hears(&self, method: &str) {
        let deadline = Instant::now() + PATIENCE;
        while self.count(method) == 0 {
            assert!(
                Instant::now() < deadline,
                "no {method} in {:?}",
                self.calls()
            );
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// How often a method was called so far.
    pub(crate) fn count(&self, method: &str) -> usize {
        let calls = locked(&self.shared.calls);
        calls.iter().filter(|call| *call == method).count()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        let stopped = self.stop.take().map(|stop| stop.send(()));
        let ended = self.thread.take().map(JoinHandle::join);
        // A test that already fails need not fail twice.
        if !thread::panicking() {
            assert!(matches!((stopped, ended), (Some(Ok(())), Some(Ok(())))));
        }
    }
}

/// A port of this machine where nobody listens.
pub(crate) fn dead_endpoint() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    drop(listener);
    format!("ws://{address}")
}

/// For a transaction that cannot be applied, a node says that it is invalid; chopsticks says why.
pub(crate) fn as_nodes_tell(progress: Value) -> Option<Value> {
    let invalid = progress.get("invalid").is_some();
    Some(if invalid { "invalid".into() } else { progress })
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn listen(listener: TcpListener, shared: Arc<Shared>) {
    loop {
        let (stream, _) = listener.accept().await.expect("a connection");
        if shared.open.load(Ordering::SeqCst) {
            shared.connections.fetch_add(1, Ordering::SeqCst);
            let shared = Arc::clone(&shared);
            tokio::spawn(async move {
                let mut cut = shared.cut.subscribe();
                tokio::select! {
                    // However it ends, both sides close.
                    _ = serve(stream, &shared) => {}
                    _ = cut.changed() => {}
                }
            });
        }
    }
}

/// Passes messages on between two sides until one of them closes.
async fn serve(stream: TcpStream, shared: &Shared) -> Result<()> {
    stream.set_nodelay(true)?;
    let program = accept_async(stream).await?;
    let stream = TcpStream::connect(&shared.chain).await?;
    stream.set_nodelay(true)?;
    let (chain, _) = client_async(format!("ws://{}", shared.chain), stream).await?;
    pass(program, chain, shared).await
}

async fn pass(
    program: WebSocketStream<TcpStream>,
    chain: WebSocketStream<TcpStream>,
    shared: &Shared,
) -> Result<()> {
    let (mut to_program, mut from_program) = program.split();
    let (mut to_chain, mut from_chain) = chain.split();
    let (late, mut held) = mpsc::unbounded_channel();
    let mut asked = HashMap::new();
    loop {
        tokio::select! {
            Some(message) = held.recv() => to_chain.send(message).await?,
            Some(message) = from_program.next() => {
                // The library answers pings on both sides.
                let Message::Text(text) = message? else { continue };
                let request: Value = serde_json::from_str(&text).expect("JSON");
                asked.insert(request["id"].to_string(), request["method"].clone());
                match shared.fate(&request) {
                    Fate::Passed => to_chain.send(Message::Text(text)).await?,
                    Fate::Answered(result) => {
                        let answer = answer(&request, "result", &result);
                        to_program.send(answer).await?;
                    }
                    Fate::Refused(error) => {
                        to_program.send(answer(&request, "error", &error)).await?;
                    }
                    Fate::Lost => return Ok(()),
                    Fate::PassedAndLost => {
                        shared.open.store(false, Ordering::SeqCst);
                        to_chain.send(Message::Text(text)).await?;
                        // The chain has it when it answers.
                        while let Some(answer) = from_chain.next().await {
                            let Message::Text(answer) = answer? else { continue };
                            let answer: Value = serde_json::from_str(&answer).expect("JSON");
                            if answer["id"] == request["id"] {
                                return Ok(());
                            }
                        }
                    }
                    Fate::Held(word) => {
                        let late = late.clone();
                        tokio::spawn(async move {
                            word.0.notified().await;
                            // The connection may be gone by now.
                            let _ = late.send(Message::Text(text));
                        });
                    }
                }
            }
            Some(message) = from_chain.next() => {
                let Message::Text(text) = message? else { continue };
                for text in shared.filtered(text.as_str(), &mut asked) {
                    to_program.send(Message::text(text)).await?;
                }
            }
            else => return Ok(()),
        }
    }
}

fn answer(request: &Value, kind: &str, content: &Value) -> Message {
    let answer = json!({ "jsonrpc": "2.0", "id": request["id"], kind: content });
    Message::text(answer.to_string())
}

impl Shared {
    fn fate(&self, request: &Value) -> Fate {
        let method = request["method"].as_str().expect("a request");
        locked(&self.calls).push(method.to_owned());
        if method == SUBMIT {
            let extrinsic = request["params"][0].as_str().expect("an extrinsic");
            locked(&self.submitted).push(extrinsic.to_owned());
        }
        locked(&self.rule)(method, &request["params"])
    }

    /// The messages for the program.
    fn filtered(&self, text: &str, asked: &mut HashMap<String, Value>) -> Vec<String> {
        let kind = NOTIFICATIONS.iter().position(|it| text.contains(it));
        if let Some(kind) = kind {
            let mut message: Value = serde_json::from_str(text).expect("JSON");
            let result = message["params"]["result"].take();
            let told = locked(&self.filters[kind])(result).into_iter();
            let told = told.map(|result| {
                message["params"]["result"] = result;
                message.to_string()
            });
            return told.collect();
        }
        // Metadata is long and seldom forged here.
        let mut forger = locked(&self.forger);
        let Some(forger) = &mut *forger else {
            return vec![text.to_owned()];
        };
        let mut message: Value = serde_json::from_str(text).expect("JSON");
        let method = asked.remove(&message["id"].to_string());
        if let (Some(method), Some(result)) = (method, message.get_mut("result")) {
            *result = forger(method.as_str().expect("a request"), result.take());
        }
        vec![message.to_string()]
    }
}
