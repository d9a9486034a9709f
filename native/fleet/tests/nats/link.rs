//! The coordinator and a worker over a real server, as a program would run them.

use std::time::Instant;

use async_nats::Client;
use btpow_core::{Micros, Search, Solution};
use btpow_fleet::{
    Coordinator, Fleet, Id, RigName, Worker,
    coordinator::{self, Found},
    message::{Text, write},
    worker,
};
use futures_util::StreamExt as _;
use tokio::{
    sync::mpsc::{self, UnboundedReceiver, UnboundedSender},
    task::JoinHandle,
    time::{self, Duration},
};

pub(crate) fn fleet() -> Fleet {
    "main".parse().expect("a name")
}

/// Time as both count it.
fn now(begun: Instant) -> Micros {
    u64::try_from(begun.elapsed().as_micros()).expect("less than ages")
}

async fn sleep_until(begun: Instant, due: Micros) {
    let due = begun + Duration::from_micros(due);
    time::sleep_until(due.into()).await;
}

type Order = Box<dyn FnOnce(&mut Coordinator, Micros) -> Vec<coordinator::Action> + Send>;

/// A coordinator at work.
#[derive(Debug)]
pub(crate) struct Leader {
    orders: UnboundedSender<Order>,
    pub(crate) found: UnboundedReceiver<Found>,
    pub(crate) told: UnboundedReceiver<coordinator::Event>,
    task: JoinHandle<()>,
}

impl Leader {
    pub(crate) async fn start(client: Client, settings: coordinator::Settings) -> Self {
        let (orders, mut ordered) = mpsc::unbounded_channel::<Order>();
        let (find, found) = mpsc::unbounded_channel();
        let (tell, told) = mpsc::unbounded_channel();
        let subscribed = "it may read that";
        let mut others = client
            .subscribe(fleet().announce())
            .await
            .expect(subscribed);
        let mut rigs = client
            .subscribe(fleet().from_rigs())
            .await
            .expect(subscribed);
        let mut questions = client.subscribe(fleet().status()).await.expect(subscribed);
        let task = tokio::spawn(async move {
            let begun = Instant::now();
            let (mut it, mut actions) = Coordinator::new(settings, 0);
            loop {
                for action in actions {
                    match action {
                        coordinator::Action::Announce(bytes) => {
                            let sent = client.publish(fleet().announce(), bytes.into());
                            sent.await.expect("it is connected, or will be");
                        }
                        coordinator::Action::Send(rig, bytes) => {
                            let sent = client.publish(fleet().to_rig(&rig), bytes.into());
                            sent.await.expect("it is connected, or will be");
                        }
                        coordinator::Action::Found(found) => drop(find.send(found)),
                        coordinator::Action::Tell(event) => drop(tell.send(event)),
                        coordinator::Action::Hold(_) => {}
                    }
                }
                actions = tokio::select! {
                    Some(message) = others.next() => it.overheard(&message.payload, now(begun)),
                    Some(message) = rigs.next() => match fleet().sender(&message.subject) {
                        Some(rig) => it.received(&rig, &message.payload, now(begun)),
                        None => panic!("{} is no rig's", message.subject),
                    },
                    Some(question) = questions.next() => {
                        if let Some(asker) = question.reply {
                            let answer = write(&it.status(now(begun)));
                            let sent = client.publish(asker, answer.into());
                            sent.await.expect("it is connected, or will be");
                        }
                        Vec::new()
                    }
                    Some(order) = ordered.recv() => order(&mut it, now(begun)),
                    () = sleep_until(begun, it.next_tick()) => it.tick(now(begun)),
                };
            }
        });
        Self {
            orders,
            found,
            told,
            task,
        }
    }

    pub(crate) fn order(
        &self,
        order: impl FnOnce(&mut Coordinator, Micros) -> Vec<coordinator::Action> + Send + 'static,
    ) {
        self.orders.send(Box::new(order)).expect("it lives");
    }

    /// It dies.
    pub(crate) fn kill(&self) {
        self.task.abort();
    }
}

/// A rig at work, whose devices are the test.
#[derive(Debug)]
pub(crate) struct Rig {
    finds: UnboundedSender<(Search, Solution)>,
    pub(crate) searches: UnboundedReceiver<Search>,
    pub(crate) told: UnboundedReceiver<worker::Event>,
    task: JoinHandle<()>,
}

impl Rig {
    pub(crate) async fn start(client: Client, name: RigName, session: Id) -> Self {
        let (finds, mut found) = mpsc::unbounded_channel::<(Search, Solution)>();
        let (search, searches) = mpsc::unbounded_channel();
        let (tell, told) = mpsc::unbounded_channel();
        let subscribed = "it may read that";
        let mut all = client
            .subscribe(fleet().announce())
            .await
            .expect(subscribed);
        let mut own = client
            .subscribe(fleet().to_rig(&name))
            .await
            .expect(subscribed);
        let task = tokio::spawn(async move {
            let begun = Instant::now();
            let program = Text::new("test");
            let mut it = Worker::new(worker::Settings { session, program }, 0);
            let mut actions = it.tick(0);
            loop {
                for action in actions {
                    match action {
                        worker::Action::Send(bytes) => {
                            let sent = client.publish(fleet().from_rig(&name), bytes.into());
                            sent.await.expect("it is connected, or will be");
                        }
                        worker::Action::Search(it) => drop(search.send(it)),
                        worker::Action::Pause(_) => {}
                        worker::Action::Tell(event) => drop(tell.send(event)),
                    }
                }
                actions = tokio::select! {
                    Some(message) = all.next() => it.announced(&message.payload, now(begun)),
                    Some(message) = own.next() => it.received(&message.payload, now(begun)),
                    Some((search, solution)) = found.recv() => {
                        it.found(&search.challenge, solution, now(begun))
                    }
                    () = sleep_until(begun, it.next_tick()) => it.tick(now(begun)),
                };
            }
        });
        Self {
            finds,
            searches,
            told,
            task,
        }
    }

    /// Its devices find something for a search, with a lower seal than this one.
    pub(crate) fn find(&self, search: Search, below: Option<Solution>) -> Solution {
        let target = search.difficulty.target();
        let places = (0..).map(|count| search.start.after(count));
        let mut nonces = places.map(|place| place.nonce(search.challenge.protocol()));
        let solution = nonces.find_map(|nonce| {
            let solution = Solution::verify(&search.challenge, &target, nonce).ok()?;
            let is_lower = below.is_none_or(|below| solution.value() < below.value());
            is_lower.then_some(solution)
        });
        let solution = solution.expect("there is one");
        self.finds.send((search, solution)).expect("it lives");
        solution
    }
}

impl Drop for Leader {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        self.task.abort();
    }
}
