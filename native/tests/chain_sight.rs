//! Nodes that freeze, lag, or have enough visitors: what is told, and what the rig does meanwhile.

extern crate alloc;

mod chain;
mod common;

use alloc::sync::Arc;
use core::{
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    time::Duration,
};
use std::{
    io::{self, Read as _, Write as _},
    net::{Shutdown, TcpListener, TcpStream},
    thread,
};

use btpow_devnet::{ALICE, BOB, Options};
use chain::{
    program::{self, Program},
    proxy::{Fate, Proxy},
    search::{REGISTER, Search},
    state::{Chain, EASY, options},
    wallet::Wallet,
};
use serde_json::{Value, json};

const HEALTH: &str = "system_health";

/// What a node of a real chain says of itself.
fn health(is_syncing: bool) -> Value {
    json!({ "peers": 8, "isSyncing": is_syncing, "shouldHavePeers": true })
}

/// A proxy before a chain, whose node says that it has peers. The test chain's node is alone, so that it may take any time
/// for a block.
fn among_peers(chain: &Chain) -> Proxy {
    let proxy = Proxy::before(chain.endpoint());
    proxy.on_request(|method, _| match method {
        HEALTH => Fate::Answered(health(false)),
        _ => Fate::Passed,
    });
    proxy
}

/// A chain that makes four blocks a second.
fn fast() -> Chain {
    Chain::start(&Options {
        block_time: Some(Duration::from_millis(250)),
        ..options()
    })
}

/// Waits for as many blocks as show how fast a chain is.
fn hear_blocks(program: &Program) {
    program.says_times(10, "best block number=");
}

#[test]
fn a_frozen_chain_is_told_and_mining_pauses_until_it_goes_on() {
    let chain = fast();
    let proxy = among_peers(&chain);
    let wallet = Wallet::public(&ALICE, &BOB);
    let mine = "mine --netuid 3 --threads 1 -vv";
    let program = Program::start(program::with(&wallet, &proxy.endpoint(), mine));
    hear_blocks(&program);
    chain.pause_blocks().expect("paused");
    let told = program.says("; connecting again");
    assert!(told.contains(" warning: no new block for"), "{told}");
    assert!(told.contains(&proxy.endpoint()), "{told}");
    program.says("a proof may count no longer; mining pauses until there is a block");
    // The state says so, too.
    program.says("paused; ");
    // The same endpoint is asked again.
    program.says("connected to");
    assert!(proxy.connections() > 1);
    chain.resume_blocks().expect("resumed");
    program.says("mining goes on");
    program.signal("INT");
    program.end().exits(130);
}

#[test]
fn another_endpoint_takes_over_from_a_frozen_one() {
    let chain = fast();
    let (first, second) = (among_peers(&chain), among_peers(&chain));
    let wallet = Wallet::public(&ALICE, &BOB);
    let mine = "mine --netuid 3 --threads 1 -vv";
    let mut command = program::with(&wallet, &first.endpoint(), mine);
    command.args(["--network", &second.endpoint()]);
    let program = Program::start(command);
    hear_blocks(&program);
    // Whichever it uses.
    for proxy in [&first, &second] {
        proxy.on_head(|_| Vec::new());
    }
    let told = program.says("; connecting again");
    assert!(told.contains(" warning: no new block for"), "{told}");
    let (frozen, other) = if told.contains(&first.endpoint()) {
        (first, second)
    } else {
        (second, first)
    };
    assert!(told.contains(&frozen.endpoint()), "{told}");
    other.on_head(|head| vec![head]);
    program.says(&format!("connected to {}", other.endpoint()));
    let number = chain.height();
    program.says(&format!("best block number={}", number + 2));
}

/// With old blocks, proofs that still count would be lost.
#[test]
fn an_endpoint_with_old_blocks_is_passed_over_while_another_may_be_better() {
    let chain = Chain::easy();
    let [first, third] = [(); 2].map(|()| Proxy::before(chain.endpoint()));
    let old = among_peers(&chain);
    let wallet = Wallet::public(&ALICE, &BOB);
    let mine = "mine --netuid 3 --threads 1 -vv";
    let mut command = program::with(&wallet, &first.endpoint(), mine);
    for other in [&old, &third] {
        command.args(["--network", &other.endpoint()]);
    }
    let program = Program::start(command);
    program.says("best block number=1");
    first.close();
    first.cut();
    let told = program.says("another may know newer blocks");
    assert!(told.contains(&old.endpoint()), "{told}");
    let told = program.says("connected to ");
    assert!(told.contains(&third.endpoint()), "{told}");
    program.signal("INT");
    program.end().exits(130);
}

/// Without a connection nothing can be sent, and after a while nothing counts.
#[test]
fn mining_pauses_while_the_chain_is_down() {
    let chain = fast();
    let proxy = among_peers(&chain);
    let wallet = Wallet::public(&ALICE, &BOB);
    let mine = "mine --netuid 3 --threads 1 -vv";
    let program = Program::start(program::with(&wallet, &proxy.endpoint(), mine));
    hear_blocks(&program);
    proxy.close();
    proxy.cut();
    program.says("is lost");
    let told = program.says("warning: no connection to the chain for");
    assert!(told.contains("mining pauses"), "{told}");
    program.says("paused; no connection");
    proxy.open();
    program.says("mining goes on");
    program.signal("INT");
    program.end().exits(130);
}

#[test]
fn the_status_names_what_a_registration_waits_for() {
    let search = Search::start(REGISTER, 1);
    search.chain.set_difficulty(1, EASY);
    let proxy = &search.proxies[0];
    // Blocks look full until somebody says otherwise.
    let full = Arc::new(AtomicBool::new(true));
    let is_full = Arc::clone(&full);
    let key = btpow_devnet::keys::subnet_key("RegistrationsThisBlock", 1);
    let key: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
    proxy.on_answer(move |method, mut answer| {
        if method == "state_queryStorageAt" && is_full.load(Ordering::SeqCst) {
            for set in answer.as_array_mut().expect("sets") {
                for change in set["changes"].as_array_mut().expect("changes") {
                    if change[0] == format!("0x{key}") {
                        change[1] = "0x0100".into();
                    }
                }
            }
        }
        answer
    });
    search.chain.block();
    search.program.says("; proof held back");
    full.store(false, Ordering::SeqCst);
    search.chain.block();
    search.program.says("; submitted");
    search.chain.block();
    search.program.end().exits(0);
}

#[test]
fn a_node_that_is_catching_up_is_no_use_to_the_doctor() {
    let chain = Chain::easy();
    let proxy = Proxy::before(chain.endpoint());
    proxy.on_request(|method, _| match method {
        HEALTH => Fate::Answered(health(true)),
        _ => Fate::Passed,
    });
    let wallet = Wallet::public(&ALICE, &BOB);
    let doctor = "doctor --netuid 1 --threads 1 --json";
    let told = program::run(program::with(&wallet, &proxy.endpoint(), doctor)).exits(3);
    told.complaining(&["is behind its chain", "still catching up"])
        .answering(json!({ "ready": false, "reason": "behind" }));
    // Another endpoint is preferred.
    let mut command = program::with(&wallet, &proxy.endpoint(), doctor);
    command.args(["--network", chain.endpoint()]);
    let told = program::run(command).exits(0);
    told.answering(json!({ "ready": true, "behind": null, "endpoint": chain.endpoint() }));
}

#[test]
fn a_node_that_is_catching_up_is_waited_for() {
    let chain = Chain::easy();
    let proxy = Proxy::before(chain.endpoint());
    let syncing = Arc::new(AtomicBool::new(true));
    let is_syncing = Arc::clone(&syncing);
    proxy.on_request(move |method, _| match method {
        HEALTH if is_syncing.load(Ordering::SeqCst) => Fate::Answered(health(true)),
        _ => Fate::Passed,
    });
    let wallet = Wallet::new(&ALICE, &BOB);
    let register = "register --netuid 1 --yes --json --threads 1";
    let program = Program::start(program::with(&wallet, &proxy.endpoint(), register));
    let told = program.says("still catching up with its chain; trying again in");
    assert!(told.contains(&proxy.endpoint()), "{told}");
    syncing.store(false, Ordering::SeqCst);
    program.says("submitted; waiting");
    chain.block();
    program.end().exits(0);
}

/// The test chain lives in 2023. Where a node has peers, that is a sign; a development chain may do so.
#[test]
fn old_blocks_are_told_where_the_clock_counts() {
    let chain = Chain::easy();
    let proxy = among_peers(&chain);
    let wallet = Wallet::new(&ALICE, &BOB);
    let doctor = "doctor --netuid 1 --threads 1";
    let told = program::run(program::with(&wallet, &proxy.endpoint(), doctor)).exits(3);
    told.complaining(&["is behind its chain", "old by this machine's clock"]);
    program::run(program::with(&wallet, chain.endpoint(), doctor)).exits(0);
    let register = "register --netuid 1 --yes --json --threads 1";
    let program = Program::start(program::with(&wallet, &proxy.endpoint(), register));
    program.says("may be behind its chain");
    program.says("submitted; waiting");
    chain.block();
    program.end().exits(0);
}

/// A node that knows old blocks is better than one that says itself that it is of no use yet.
#[test]
fn an_old_chain_is_preferred_to_one_that_is_catching_up() {
    let chain = Chain::easy();
    let (syncing, old) = (Proxy::before(chain.endpoint()), among_peers(&chain));
    syncing.on_request(|method, _| match method {
        HEALTH => Fate::Answered(health(true)),
        _ => Fate::Passed,
    });
    let wallet = Wallet::new(&ALICE, &BOB);
    let register = "register --netuid 1 --yes --json --threads 1";
    let mut command = program::with(&wallet, &syncing.endpoint(), register);
    command.args(["--network", &old.endpoint()]);
    let program = Program::start(command);
    let told = program.says("warning: ");
    assert!(told.contains("may be behind its chain"), "{told}");
    assert!(told.contains(&old.endpoint()), "{told}");
    program.says("submitted; waiting");
    chain.block();
    program.end().exits(0);
}

/// Forks of finney for development live on one machine and in any year.
#[test]
fn a_fork_of_a_public_network_may_be_a_development_chain() {
    let finney = btpow_core::Seal(btpow_registration::Network::Finney.genesis()).to_string();
    let chain = Chain::easy();
    let wallet = Wallet::public(&ALICE, &BOB);
    for (alone, exit) in [(true, 0), (false, 3)] {
        let finney = finney.clone();
        let proxy = Proxy::before(chain.endpoint());
        proxy.on_request(move |method, parameters| match method {
            HEALTH => Fate::Answered(json!({
                "peers": 0, "isSyncing": false, "shouldHavePeers": !alone
            })),
            "chain_getBlockHash" if parameters[0] == 0 => Fate::Answered(json!(finney)),
            _ => Fate::Passed,
        });
        let doctor = "doctor --netuid 1 --threads 1";
        program::run(program::with(&wallet, &proxy.endpoint(), doctor)).exits(exit);
    }
}

/// An endpoint that answers its first visitors with 429, and passes the others on to a chain.
struct Busy {
    endpoint: String,
    visitors: Arc<AtomicUsize>,
}

impl Busy {
    fn before(chain: &str, refusals: usize) -> Self {
        let chain = chain.strip_prefix("ws://").expect("a chain").to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let endpoint = format!("ws://{}", listener.local_addr().expect("an address"));
        let visitors = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&visitors);
        thread::spawn(move || {
            for visitor in listener.incoming().map_while(Result::ok) {
                if count.fetch_add(1, Ordering::SeqCst) < refusals {
                    refuse(visitor);
                } else {
                    join(visitor, TcpStream::connect(&chain).expect("the chain"));
                }
            }
        });
        Self { endpoint, visitors }
    }
}

fn refuse(mut visitor: TcpStream) {
    let mut request = [0; 4_096];
    let _ = visitor.read(&mut request);
    let answer = "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 2\r\nContent-Length: 0\r\n\r\n";
    let _ = visitor.write_all(answer.as_bytes());
}

/// Passes bytes on in both directions.
fn join(one: TcpStream, other: TcpStream) {
    for (mut from, mut to) in [
        (
            one.try_clone().expect("a copy"),
            other.try_clone().expect("a copy"),
        ),
        (other, one),
    ] {
        thread::spawn(move || {
            let _ = io::copy(&mut from, &mut to);
            let _ = to.shutdown(Shutdown::Both);
        });
    }
}

#[test]
fn too_many_requests_are_waited_out() {
    let chain = Chain::easy();
    let busy = Busy::before(chain.endpoint(), 2);
    let wallet = Wallet::new(&ALICE, &BOB);
    let register = "register --netuid 1 --yes --json --threads 1";
    let program = Program::start(program::with(&wallet, &busy.endpoint, register));
    let told = program.says("lets nobody in for now (HTTP 429, too many requests)");
    assert!(told.contains(&busy.endpoint), "{told}");
    assert!(told.contains("trying again in 2.00 s"), "{told}");
    program.says("submitted; waiting");
    assert_eq!(busy.visitors.load(Ordering::SeqCst), 3);
    chain.block();
    program.end().exits(0);
}

#[test]
fn too_many_requests_are_waited_out_until_the_timeout() {
    let chain = Chain::easy();
    let busy = Busy::before(chain.endpoint(), usize::MAX);
    let wallet = Wallet::new(&ALICE, &BOB);
    let register = "register --netuid 1 --yes --json --threads 1 --timeout 3s";
    let told = program::run(program::with(&wallet, &busy.endpoint, register)).exits(5);
    told.saying(&["HTTP 429, too many requests"])
        .complaining(&["time ran out before the search began"]);
    // Who waits for nothing is told at once.
    let told = program::run(program::at(&busy.endpoint, "doctor")).exits(3);
    told.complaining(&[&busy.endpoint, "HTTP 429, too many requests"]);
}

/// The second endpoint is asked while the first still keeps its visitor waiting.
#[test]
fn a_silent_endpoint_does_not_keep_the_next_one_waiting() {
    let chain = Chain::easy();
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let silent = format!("ws://{}", listener.local_addr().expect("an address"));
    let given_up = Arc::new(AtomicBool::new(false));
    let gone = Arc::clone(&given_up);
    thread::spawn(move || {
        let (mut visitor, _) = listener.accept().expect("a visitor");
        let _ = io::copy(&mut visitor, &mut io::sink());
        gone.store(true, Ordering::SeqCst);
    });
    let second = Proxy::before(chain.endpoint());
    let early = Arc::new(AtomicBool::new(false));
    let (is_early, is_gone) = (Arc::clone(&early), Arc::clone(&given_up));
    second.on_request(move |_, _| {
        is_early.fetch_or(!is_gone.load(Ordering::SeqCst), Ordering::SeqCst);
        Fate::Passed
    });
    let mut command = program::at(&silent, "doctor --threads 1 --json");
    command.args(["--network", &second.endpoint()]);
    let told = program::run(command).exits(0);
    told.answering(json!({ "endpoint": second.endpoint() }));
    assert!(
        early.load(Ordering::SeqCst),
        "the first was given up before"
    );
}
