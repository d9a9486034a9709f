//! A coordinator, rigs and a real server between them: `btpow register --fleet` and `btpow rig`.

#![cfg(unix)]

mod chain;
mod common;
mod fleet;

use btpow_core::Solution;
use btpow_devnet::{ALICE, BOB, CHARLIE, Variant};
use btpow_fleet::{
    Fleet, Id, Task,
    message::{Announcement, Find, FromRig, Order, read, write},
};
use chain::{
    program::{self, Program},
    proxy::{Fate, Proxy, SUBMIT, Word, as_nodes_tell},
    state::{Chain, EASY, HARD},
    terminal::Terminal,
    wallet::Wallet,
};
use fleet::{
    LEAD, by, lead, leading, rig,
    server::{RIGS, Server},
};
use futures_util::StreamExt as _;
use serde_json::json;

const LEADS: &str = "this coordinator leads the fleet";
const SUBMITTED: &str = "submitted; waiting for a block";

#[test]
#[ignore = "needs nats-server, which `cargo xtask test nats` installs"]
fn a_rig_finds_and_the_coordinator_registers() {
    let (chain, server) = (Chain::easy(), Server::start());
    let wallet = Wallet::new(&ALICE, &BOB);
    let program = lead(&server, &wallet, chain.endpoint(), LEAD);
    program.says(LEADS);
    let rig = rig(&server, 0);
    program.says("rig rig-1 joined");
    program.says("rig rig-1 found a proof for block 1");
    program.says(SUBMITTED);
    rig.says("the coordinator has this rig's find for block 1");
    chain.block();
    let told = program.end().exits(0);
    let told = told.saying(&["fleet      main at nats://127.0.0.1:"]);
    told.answering(json!({ "status": "registered", "uid": 0, "submissions": 1 }));
    assert_eq!((chain.uid(1, &BOB), chain.nonce(&ALICE)), (Some(0), 1));
    // It is told why there is nothing to do, and stays.
    rig.says("the coordinator is done");
    rig.signal("INT");
    rig.end().exits(130);
}

/// Whoever is asked sees the rigs that are there, and says no.
#[test]
#[ignore = "needs nats-server, which `cargo xtask test nats` installs"]
fn rigs_are_counted_before_anybody_agrees() {
    let (chain, server) = (Chain::easy(), Server::start());
    let wallet = Wallet::new(&ALICE, &BOB);
    let rig = rig(&server, 0);
    rig.says("Rig rig-1 of the fleet main");
    let arguments = "register --netuid 1 --no-local";
    let command = program::with(&wallet, chain.endpoint(), arguments);
    let mut terminal = Terminal::start(&leading(command, &server));
    terminal.shows("fleet      main at nats://127.0.0.1:");
    terminal.shows("rigs       1; none works yet");
    terminal.shows("devices    none here");
    terminal.shows("expected   not measured yet");
    terminal.shows("Go on? [y/N] ");
    terminal.types("n");
    let (code, shown) = terminal.end();
    assert_eq!(code, 1, "{shown}");
    assert!(!rig.said().contains("hashing"), "{}", rig.said());
}

#[test]
#[ignore = "needs nats-server, which `cargo xtask test nats` installs"]
fn a_legacy_proof_of_a_rig_registers() {
    let (chain, server) = (Chain::of(Variant::LegacyLittle), Server::start());
    let wallet = Wallet::new(&ALICE, &BOB);
    let program = lead(&server, &wallet, chain.endpoint(), LEAD);
    let _rig = rig(&server, 0);
    program.says("rig rig-1 found a proof for block 1");
    program.says(SUBMITTED);
    chain.block();
    let answer = json!({ "status": "registered", "protocol": "legacy", "submissions": 1 });
    program.end().exits(0).answering(answer);
    assert_eq!(chain.nonce(&BOB), 1, "it signs");
}

/// Each proof is for the hotkey that was announced.
#[test]
#[ignore = "needs nats-server, which `cargo xtask test nats` installs"]
fn rigs_search_for_one_goal_after_the_other() {
    let (chain, server) = (Chain::easy(), Server::start());
    let wallet = Wallet::new(&ALICE, &BOB);
    wallet.add_hotkey("second", &CHARLIE);
    let arguments = format!("{LEAD} --wallet-hotkey default --wallet-hotkey second");
    let program = lead(&server, &wallet, chain.endpoint(), &arguments);
    let _rigs = [rig(&server, 0), rig(&server, 1)];
    program.says("subnet 1, default/default: submitted; waiting for a block");
    chain.block();
    program.says("subnet 1, default/default: registered as UID 0");
    chain.block();
    program.says("subnet 1, default/second: submitted; waiting for a block");
    chain.block();
    program.end().exits(0);
    assert_eq!(chain.uid(1, &BOB), Some(0));
    assert_eq!(chain.uid(1, &CHARLIE), Some(1));
    assert_eq!(chain.nonce(&ALICE), 2);
}

/// What a coordinator had when it died, the next one has.
#[test]
#[ignore = "needs nats-server, which `cargo xtask test nats` installs"]
fn a_standby_sends_what_the_coordinator_could_not() {
    let (chain, server) = (Chain::easy(), Server::start());
    let proxy = Proxy::before(chain.endpoint());
    let word = Word::default();
    proxy.on_request(move |method, _| {
        if method == SUBMIT {
            Fate::Held(word.clone())
        } else {
            Fate::Passed
        }
    });
    let wallet = Wallet::new(&ALICE, &BOB);
    let first = lead(&server, &wallet, &proxy.endpoint(), LEAD);
    first.says(LEADS);
    let standby = format!("{LEAD} --standby");
    let standby = lead(&server, &wallet, chain.endpoint(), &standby);
    standby.says("leads the fleet; nothing is signed here meanwhile");
    let rig = rig(&server, 0);
    first.says("; submitting");
    rig.says("the coordinator has this rig's find for block 1");
    standby.says("held back, as another coordinator of the fleet may sign");
    // It is killed.
    drop(first);
    rig.signal("INT");
    rig.end().exits(130);
    standby.says("this coordinator leads the fleet now, as no other one is heard");
    standby.says(SUBMITTED);
    chain.block();
    let answer = json!({ "status": "registered", "uid": 0, "submissions": 1 });
    standby.end().exits(0).answering(answer);
    chain.block();
    assert_eq!(chain.nonce(&ALICE), 1, "once");
}

/// The one that leads cannot know what is asked now.
#[test]
#[ignore = "needs nats-server, which `cargo xtask test nats` installs"]
fn a_standby_leads_while_the_coordinator_does_not_see_the_chain() {
    let (chain, server) = (Chain::easy(), Server::start());
    chain.set_difficulty(1, HARD);
    let proxy = Proxy::before(chain.endpoint());
    let wallet = Wallet::new(&ALICE, &BOB);
    let first = lead(&server, &wallet, &proxy.endpoint(), LEAD);
    first.says(LEADS);
    let standby = format!("{LEAD} --standby");
    let standby = lead(&server, &wallet, chain.endpoint(), &standby);
    standby.says("leads the fleet; nothing is signed here meanwhile");
    let rig = rig(&server, 0);
    rig.says("hashing v1 for block 1");
    proxy.close();
    proxy.cut();
    first.says("warning: the connection to ");
    standby.says("this coordinator leads the fleet now, as no other one is heard");
    chain.set_difficulty(1, EASY);
    chain.block();
    standby.says(SUBMITTED);
    chain.block();
    let answer = json!({ "status": "registered", "submissions": 1 });
    standby.end().exits(0).answering(answer);
    // It sees what has become of it.
    proxy.open();
    let answer = json!({ "status": "already_registered", "uid": 0, "submissions": 0 });
    first.end().exits(0).answering(answer);
    assert_eq!(chain.nonce(&ALICE), 1, "once");
}

/// What they found would be of no use to the one that leads.
#[test]
#[ignore = "needs nats-server, which `cargo xtask test nats` installs"]
fn the_devices_of_a_standby_rest_until_it_leads() {
    let (chain, server) = (Chain::easy(), Server::start());
    chain.set_difficulty(1, HARD);
    let wallet = Wallet::new(&ALICE, &BOB);
    let first = lead(&server, &wallet, chain.endpoint(), LEAD);
    first.says(LEADS);
    let arguments =
        "register --netuid 1 --yes --json --device cpu --threads 1 --max-expected 1h -vv --standby";
    let standby = lead(&server, &wallet, chain.endpoint(), arguments);
    standby.says("nothing is signed here meanwhile, and the devices here rest");
    chain.set_difficulty(1, EASY);
    chain.block();
    standby.says("best block number=2");
    standby.signal("USR1");
    standby.says("standing by");
    // It would have found one at once.
    let said = standby.said();
    assert!(!said.contains("held back"), "{said}");
    assert!(!said.contains("--max-expected 1"), "{said}");
    drop(first);
    standby.says("this coordinator leads the fleet now, as no other one is heard");
    standby.says(SUBMITTED);
    chain.block();
    let answer = json!({ "status": "registered", "submissions": 1 });
    standby.end().exits(0).answering(answer);
}

/// By mistake, and the first is out of sight while the second starts. The second, which is newer, leads; what the first has
/// sent stays sent.
#[test]
#[ignore = "needs nats-server, which `cargo xtask test nats` installs"]
fn two_coordinators_for_one_key_register_once() {
    let (chain, server) = (Chain::easy(), Server::start());
    let proxy = Proxy::before(chain.endpoint());
    proxy.on_progress(as_nodes_tell);
    let wallet = Wallet::new(&ALICE, &BOB);
    let first = lead(&server, &wallet, &proxy.endpoint(), LEAD);
    first.says(LEADS);
    let rig = rig(&server, 0);
    first.says(SUBMITTED);
    first.signal("STOP");
    let second = lead(&server, &wallet, &proxy.endpoint(), LEAD);
    second.says(LEADS);
    first.signal("CONT");
    first.says("leads the fleet; nothing is signed here meanwhile");
    // It has the same find from the rig, and signs with the same nonce of the account.
    second.says("rig rig-1 found a proof for block 1");
    second.says(SUBMITTED);
    assert_eq!(proxy.count(SUBMIT), 2);
    chain.block();
    for program in [first, second] {
        let told = program.end().exits(0);
        assert_eq!(told.json()["uid"], 0, "{told}");
    }
    rig.says("the coordinator is done");
    chain.block();
    assert_eq!((chain.uid(1, &BOB), chain.nonce(&ALICE)), (Some(0), 1));
}

/// By mistake, for the same keys or for others: the first goes on as if nothing had happened.
#[test]
#[ignore = "needs nats-server, which `cargo xtask test nats` installs"]
fn a_second_coordinator_is_refused_while_one_leads() {
    let (chain, server) = (Chain::easy(), Server::start());
    chain.set_difficulty(1, HARD);
    let wallet = Wallet::new(&ALICE, &BOB);
    let first = lead(&server, &wallet, chain.endpoint(), LEAD);
    first.says(LEADS);
    let rig = rig(&server, 0);
    rig.says("hashing v1 for block 1");
    for wallet in [&wallet, &Wallet::new(&BOB, &CHARLIE)] {
        let second = lead(&server, wallet, chain.endpoint(), LEAD);
        second.end().exits(6).complaining(&[
            "--fleet: coordinator ",
            "leads the fleet main already; add --standby to take over when it ends, or name another fleet: nats://127.0.0.1:",
            "/NAME",
        ]);
    }
    chain.set_difficulty(1, EASY);
    chain.block();
    first.says(SUBMITTED);
    chain.block();
    let told = first.end().exits(0);
    told.answering(json!({ "status": "registered", "uid": 0, "submissions": 1 }));
    assert_eq!((chain.nonce(&ALICE), chain.nonce(&BOB)), (1, 0));
    let said = rig.said();
    assert_eq!(said.matches(" leads").count(), 1, "{said}");
}

/// A rig's key lets nobody lead.
#[test]
#[ignore = "needs nats-server, which `cargo xtask test nats` installs"]
fn whoever_has_no_coordinators_key_leads_nobody() {
    let (chain, server) = (Chain::easy(), Server::start());
    let wallet = Wallet::new(&ALICE, &BOB);
    let command = program::with(&wallet, chain.endpoint(), LEAD);
    let program = Program::start(by(command, &server, &server.address(), RIGS[0]));
    program.end().exits(3).complaining(&[
        "this key may not lead the fleet main at nats://127.0.0.1:",
        "use the coordinator's",
    ]);
    assert_eq!(chain.nonce(&ALICE), 0);
}

#[test]
#[ignore = "needs nats-server, which `cargo xtask test nats` installs"]
fn a_coordinator_without_its_server_goes_on_alone() {
    let (chain, mut server) = (Chain::easy(), Server::start());
    chain.set_difficulty(1, HARD);
    let wallet = Wallet::new(&ALICE, &BOB);
    let arguments = "register --netuid 1 --yes --json --device cpu --threads 1 -vv";
    let program = lead(&server, &wallet, chain.endpoint(), arguments);
    program.says(LEADS);
    server.kill();
    program.says("warning: lost the fleet's server");
    chain.set_difficulty(1, EASY);
    chain.block();
    program.says(SUBMITTED);
    chain.block();
    let answer = json!({ "status": "registered", "submissions": 1 });
    program.end().exits(0).answering(answer);
}

/// A nonce that does not reach the difficulty.
fn lie(task: &Task, number: u32) -> FromRig {
    let (challenge, target) = (task.challenge(), task.difficulty().target());
    let is_wrong = |nonce: &u64| Solution::verify(&challenge, &target, *nonce).is_err();
    let mut wrong = (0..).filter(is_wrong);
    FromRig::Find(Find {
        session: Id(7),
        number,
        task: *task,
        nonce: wrong.nth(number as usize).expect("most are"),
    })
}

/// As a rig that lies three times, the second of the example.
async fn lie_three_times(server: &Server) {
    let fleet: Fleet = "main".parse().expect("a name");
    let name = "rig-2".parse().expect("a name");
    let client = server.connect(RIGS[1]).await;
    let mut announced = client.subscribe(fleet.announce()).await.expect("it may");
    let task = loop {
        let message = announced.next().await.expect("it is connected");
        let announcement: Announcement = read(&message.payload).expect("an announcement");
        if let Order::Search { task, .. } = announcement.order {
            break task;
        }
    };
    for number in 0..3 {
        let lie = write(&lie(&task, number)).into();
        let sent = client.publish(fleet.from_rig(&name), lie).await;
        sent.expect("it is connected");
    }
    client.flush().await.expect("it is connected");
}

#[test]
#[ignore = "needs nats-server, which `cargo xtask test nats` installs"]
fn a_rig_that_lies_is_named_and_the_others_go_on() {
    let (chain, server) = (Chain::easy(), Server::start());
    let proxy = Proxy::before(chain.endpoint());
    let wallet = Wallet::new(&ALICE, &BOB);
    let program = lead(&server, &wallet, &proxy.endpoint(), LEAD);
    program.says(LEADS);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.expect("a runtime");
    runtime.block_on(lie_three_times(&server));
    program.says("warning: rig rig-2 is cut off: three of the proofs that it reported are none");
    assert_eq!(proxy.count(SUBMIT), 0);
    let _rig = rig(&server, 0);
    program.says(SUBMITTED);
    chain.block();
    let answer = json!({ "status": "registered", "submissions": 1 });
    program.end().exits(0).answering(answer);
}

#[test]
#[ignore = "needs nats-server, which `cargo xtask test nats` installs"]
fn rigs_are_told_why_a_coordinator_ends() {
    let (chain, server) = (Chain::easy(), Server::start());
    chain.set_difficulty(1, HARD);
    let wallet = Wallet::new(&ALICE, &BOB);
    let program = lead(&server, &wallet, chain.endpoint(), LEAD);
    let rig = rig(&server, 0);
    program.says("rig rig-1 joined");
    rig.says("hashing v1 for block 1");
    program.signal("INT");
    let told = program.end().exits(130);
    told.answering(json!({ "status": "interrupted", "submissions": 0 }));
    rig.says("the coordinator was stopped");
    rig.signal("USR1");
    rig.says("; waiting for a coordinator");
    // Another one has it at work again.
    let again = lead(
        &server,
        &wallet,
        chain.endpoint(),
        &format!("{LEAD} --timeout 20s"),
    );
    rig.says_times(2, "hashing v1 for block 1");
    again.end().exits(5);
    rig.says("the coordinator's time is up");
}

/// Its devices are those of the rigs: none hashes here.
#[test]
#[ignore = "needs nats-server, which `cargo xtask test nats` installs"]
fn what_takes_rigs_too_long_is_not_searched_for() {
    let (chain, server) = (Chain::easy(), Server::start());
    chain.set_difficulty(1, HARD);
    let wallet = Wallet::new(&ALICE, &BOB);
    let arguments = format!("{LEAD} --max-expected 1h");
    let program = lead(&server, &wallet, chain.endpoint(), &arguments);
    let first = rig(&server, 0);
    first.says("hashing v1 for block 1");
    program.says("more than --max-expected 1 h");
    first.says("above --max-expected");
    // With another one it may be different.
    let second = rig(&server, 1);
    second.says("hashing v1 for block 1");
    chain.set_difficulty(1, EASY);
    chain.block();
    program.says(SUBMITTED);
    chain.block();
    program.end().exits(0);
}

#[test]
#[ignore = "needs nats-server, which `cargo xtask test nats` installs"]
fn what_is_too_hard_is_searched_for_by_no_rig() {
    let (chain, server) = (Chain::easy(), Server::start());
    chain.set_difficulty(1, HARD);
    let wallet = Wallet::new(&ALICE, &BOB);
    let arguments = format!("{LEAD} --max-difficulty 1000000");
    let program = lead(&server, &wallet, chain.endpoint(), &arguments);
    let rig = rig(&server, 0);
    program.says("rig rig-1 joined");
    rig.says("above --max-difficulty");
    chain.set_difficulty(1, EASY);
    chain.block();
    program.says(SUBMITTED);
    chain.block();
    program.end().exits(0);
}

/// What is wrong is said before anything begins.
#[test]
#[ignore = "needs nats-server, which `cargo xtask test nats` installs"]
fn a_server_that_is_not_there_or_lets_nobody_in_ends_the_command() {
    let (chain, mut server) = (Chain::easy(), Server::start());
    let wallet = Wallet::new(&ALICE, &BOB);
    let start = |command| Program::start(command).end();
    let mut command = program::with(&wallet, chain.endpoint(), LEAD);
    command.args(["--fleet", &server.address()]);
    let told = start(command).exits(3);
    told.complaining(&["lets nobody in without credentials", "--fleet-creds"]);
    let dry = program::with(&wallet, chain.endpoint(), &format!("{LEAD} --dry-run"));
    start(leading(dry, &server)).exits(0);
    server.kill();
    let dry = program::with(&wallet, chain.endpoint(), &format!("{LEAD} --dry-run"));
    let told = start(leading(dry, &server)).exits(3);
    told.complaining(&["the fleet's server nats://127.0.0.1:", "cannot be reached"]);
}

#[test]
fn a_fleet_has_no_shards_and_no_flags_without_it() {
    for (flags, words) in [
        (
            "--fleet nats://127.0.0.1:1 --shard 0/2",
            "--shard: a fleet divides the nonces",
        ),
        (
            "--no-local",
            "--no-local: there is no fleet; add --fleet URL",
        ),
        ("--standby", "--standby: there is no fleet; add --fleet URL"),
    ] {
        let wallet = Wallet::public(&ALICE, &BOB);
        let arguments = format!("register --netuid 1 --yes {flags}");
        let command = program::with(&wallet, "ws://127.0.0.1:1", &arguments);
        Program::start(command).end().exits(2).complaining(&[words]);
    }
}
