//! A real NATS server between coordinators and rigs, with the configuration that is this project's example.

mod link;
mod server;

use async_nats::Client;
use btpow_core::{Difficulty, PublicKey, Search, Solution};
use btpow_fleet::{
    Asked, Id, RigName, Task,
    coordinator::{Event, Settings},
    message::{Find, FromRig, Text, write},
    worker,
};
use futures_util::StreamExt as _;
use tokio::sync::mpsc::UnboundedReceiver;

use self::{
    link::{Leader, Rig, fleet},
    server::{COORDINATOR, RIGS, Server, VIEWER},
};

const ASKED: Asked = Asked::V1 {
    netuid: 1,
    hotkey: PublicKey([2; 32]),
    coldkey: PublicKey([3; 32]),
};

fn task(block: u8) -> Task {
    let difficulty = Difficulty::new(64).expect("not zero");
    Task::new(ASKED, (block.into(), [block; 32]), difficulty).expect("not the root")
}

fn name(place: usize) -> RigName {
    let name = format!("rig-{}", place + 1);
    name.parse().expect("a name")
}

fn settings(id: u64, is_standby: bool) -> Settings {
    Settings {
        id: Id(id),
        term: 7,
        is_standby,
        goals: vec![ASKED],
        program: Text::new("test"),
        patience_s: 60,
        most_rigs: 100,
    }
}

/// From now on this is searched for.
fn search(leader: &Leader, block: u8) {
    leader.order(move |it, now| {
        let mut actions = it.head(block.into(), now);
        actions.extend(it.search(task(block), now));
        actions
    });
}

/// Waits until a rig searches for a block.
async fn searches(rig: &mut Rig, block: u8) -> Search {
    loop {
        let search = rig.searches.recv().await.expect("it lives");
        if search.block_number == Some(block.into()) {
            assert_eq!(search.challenge, task(block).challenge());
            return search;
        }
    }
}

/// Waits until this is told.
async fn told<E>(told: &mut UnboundedReceiver<E>, is: impl Fn(&E) -> bool) -> E {
    loop {
        let event = told.recv().await.expect("it lives");
        if is(&event) {
            return event;
        }
    }
}

async fn found(leader: &mut Leader) -> (RigName, Solution) {
    let found = leader.found.recv().await.expect("it lives");
    (found.rig, found.solution)
}

#[tokio::test]
#[ignore = "needs nats-server, which `cargo xtask test nats` installs"]
async fn a_server_that_restarts_and_a_coordinator_that_dies_lose_nothing() {
    let mut server = Server::start();
    let client = server.connect(COORDINATOR).await;
    let mut leader = Leader::start(client, settings(1, false)).await;
    search(&leader, 100);
    let mut rigs = Vec::new();
    for (place, user) in RIGS.into_iter().enumerate() {
        let client = server.connect(user).await;
        rigs.push(Rig::start(client, name(place), Id(place as u64)).await);
    }
    let [one, two] = &mut rigs[..] else {
        unreachable!("there are two")
    };
    let (first, second) = (searches(one, 100).await, searches(two, 100).await);
    assert_ne!(first.start, second.start, "each has its own positions");
    let solution = one.find(first, None);
    assert_eq!(found(&mut leader).await, (name(0), solution));
    let is_taken = |event: &worker::Event| matches!(event, worker::Event::Taken { .. });
    told(&mut one.told, is_taken).await;

    // A find while there is no server.
    server.kill();
    let solution = two.find(second, Some(solution));
    server.restart();
    assert_eq!(found(&mut leader).await, (name(1), solution));
    search(&leader, 101);
    let (first, _) = (searches(one, 101).await, searches(two, 101).await);

    // A find that was taken, and a coordinator that dies before it could send it.
    let solution = one.find(first, None);
    assert_eq!(found(&mut leader).await, (name(0), solution));
    told(&mut one.told, is_taken).await;
    leader.kill();
    let client = server.connect(COORDINATOR).await;
    let mut standby = Leader::start(client, settings(2, true)).await;
    search(&standby, 102);
    told(&mut standby.told, |event| *event == Event::TookOver).await;
    searches(one, 102).await;
    // With those for the block before, which count as well.
    while found(&mut standby).await != (name(0), solution) {}
}

#[tokio::test]
#[ignore = "needs nats-server, which `cargo xtask test nats` installs"]
async fn a_rig_that_lies_is_cut_off() {
    let server = Server::start();
    let mut leader = Leader::start(server.connect(COORDINATOR).await, settings(1, false)).await;
    search(&leader, 100);
    let mut honest = Rig::start(server.connect(RIGS[0]).await, name(0), Id(1)).await;
    let search = searches(&mut honest, 100).await;
    let liar = server.connect(RIGS[1]).await;
    let target = search.difficulty.target();
    let is_wrong = |nonce: &u64| Solution::verify(&search.challenge, &target, *nonce).is_err();
    for nonce in (0..).filter(is_wrong).take(3) {
        let lie = FromRig::Find(Find {
            session: Id(2),
            number: 1,
            task: task(100),
            nonce,
        });
        let sent = liar.publish(fleet().from_rig(&name(1)), write(&lie).into());
        sent.await.expect("it is connected");
    }
    let is_cut_off = |event: &Event| matches!(event, Event::CutOff(_));
    let cut_off = told(&mut leader.told, is_cut_off).await;
    assert_eq!(cut_off, Event::CutOff(name(1)));
    let solution = honest.find(search, None);
    assert_eq!(found(&mut leader).await, (name(0), solution));
}

async fn say(client: &Client, subject: String, what: &'static str) {
    let said = client.publish(subject, what.into()).await;
    said.expect("it is connected");
    client.flush().await.expect("it is connected");
}

/// Waits until the server knows what the coordinator has subscribed to: it takes what comes by one connection in its order.
async fn settle(coordinator: &Client) {
    let subject = fleet().announce();
    let mut announced = coordinator
        .subscribe(subject.clone())
        .await
        .expect("it may");
    say(coordinator, subject, "settled").await;
    announced.next().await.expect("a message");
}

/// What the server lets through to a subscriber: whoever may not send or read something is stopped there.
#[tokio::test]
#[ignore = "needs nats-server, which `cargo xtask test nats` installs"]
async fn the_server_lets_rigs_do_only_what_they_may() {
    let server = Server::start();
    assert!(!server.connect_as_nobody().await, "nobody has no user");
    let coordinator = server.connect(COORDINATOR).await;
    let rig = server.connect(RIGS[0]).await;
    let subscribe = async |client: &Client, subject: String| {
        let subscribed = client.subscribe(subject).await.expect("it is connected");
        client.flush().await.expect("it is connected");
        subscribed
    };

    // To the coordinator a rig speaks under its own name only, and to others not at all.
    let mut rigs = subscribe(&coordinator, fleet().from_rigs()).await;
    let mut announced = subscribe(&coordinator, fleet().announce()).await;
    settle(&coordinator).await;
    let heard = announced.next().await.expect("a message");
    assert_eq!(heard.payload, "settled");
    say(&rig, fleet().announce(), "forged").await;
    say(&rig, fleet().to_rig(&name(1)), "forged").await;
    say(&rig, fleet().from_rig(&name(1)), "forged").await;
    say(&rig, fleet().from_rig(&name(0)), "its own").await;
    let heard = rigs.next().await.expect("a message");
    assert_eq!(heard.payload, "its own");
    say(&coordinator, fleet().announce(), "to all").await;
    let heard = announced.next().await.expect("a message");
    assert_eq!(heard.payload, "to all");

    // It reads what is for all and what is for it.
    let other = fleet().to_rig(&name(1));
    let mut forbidden = Vec::new();
    for subject in [
        other.clone(),
        fleet().from_rigs(),
        fleet().status(),
        ">".to_owned(),
    ] {
        forbidden.push(subscribe(&rig, subject).await);
    }
    let mut own = subscribe(&rig, fleet().to_rig(&name(0))).await;
    say(&rig, fleet().from_rig(&name(0)), "subscribed").await;
    let heard = rigs.next().await.expect("a message");
    assert_eq!(heard.payload, "subscribed");
    say(&coordinator, other, "for the other").await;
    say(&coordinator, fleet().to_rig(&name(0)), "for it").await;
    let heard = own.next().await.expect("a message");
    assert_eq!(heard.payload, "for it");
    for mut subscribed in forbidden {
        subscribed.unsubscribe().await.expect("it is connected");
        assert!(
            subscribed.next().await.is_none(),
            "it reads what it may not"
        );
    }
}

#[tokio::test]
#[ignore = "needs nats-server, which `cargo xtask test nats` installs"]
async fn whoever_may_ask_how_the_fleet_is_gets_an_answer() {
    let server = Server::start();
    let (coordinator, viewer) = (
        server.connect(COORDINATOR).await,
        server.connect(VIEWER).await,
    );
    let mut asked = coordinator
        .subscribe(fleet().status())
        .await
        .expect("it may");
    settle(&coordinator).await;
    let answering = tokio::spawn(async move {
        let question = asked.next().await.expect("a question");
        let to = question.reply.expect("a request");
        let answer = coordinator.publish(to, "well".into()).await;
        answer.expect("it is connected");
        coordinator.flush().await.expect("it is connected");
    });
    let answer = viewer.request(fleet().status(), "".into()).await;
    assert_eq!(answer.expect("an answer").payload, "well");
    answering.await.expect("it has answered");
}
