//! A rig that lies, floods, and sends again what was true once.

use async_nats::{Client, Subscriber};
use btpow_core::Solution;
use btpow_fleet::{
    Fleet, Id, RigName, Task,
    message::{Announcement, Find, FromRig, Order, ToRig, Verdict, read, write},
};
use futures_util::StreamExt as _;
use tokio::runtime;

use crate::{
    chain::{
        program::Program,
        proxy::{Proxy, SUBMIT},
        state::{EASY, HARD},
    },
    fleet::{rig_by, server::RIGS},
    scene::{Scene, end},
};

/// How many messages a flood has.
const FLOOD: usize = 5_000;

/// Who has the credentials of the second rig.
struct Rogue {
    client: Client,
    fleet: Fleet,
    name: RigName,
    announced: Subscriber,
    answered: Subscriber,
    count: u32,
}

impl Rogue {
    async fn new(scene: &Scene) -> Self {
        let client = scene.server.connect(RIGS[1]).await;
        let fleet: Fleet = "main".parse().expect("a name");
        let name: RigName = "rig-2".parse().expect("a name");
        let subscribed = "it may read that";
        Self {
            announced: client.subscribe(fleet.announce()).await.expect(subscribed),
            answered: client
                .subscribe(fleet.to_rig(&name))
                .await
                .expect(subscribed),
            client,
            fleet,
            name,
            count: 0,
        }
    }

    /// The next task that is announced.
    async fn task(&mut self) -> Task {
        loop {
            let message = self.announced.next().await.expect("it is connected");
            let announcement: Announcement = read(&message.payload).expect("an announcement");
            if let Order::Search { task, .. } = announcement.order {
                return task;
            }
        }
    }

    async fn say(&self, bytes: Vec<u8>) {
        let subject = self.fleet.from_rig(&self.name);
        let said = self.client.publish(subject, bytes.into()).await;
        said.expect("it is connected");
    }

    /// Says that a nonce wins; what the answer is.
    async fn report(&mut self, task: Task, nonce: u64) -> Verdict {
        self.count += 1;
        let number = self.count;
        let session = Id(7);
        let find = Find {
            session,
            number,
            task,
            nonce,
        };
        self.say(write(&FromRig::Find(find))).await;
        loop {
            let message = self.answered.next().await.expect("it is connected");
            if let Ok(ToRig::Answer {
                number: of,
                verdict,
                ..
            }) = read(&message.payload)
                && of == number
            {
                return verdict;
            }
        }
    }
}

/// The nonces that win, or those that do not.
fn nonces(task: &Task, wins: bool) -> impl Iterator<Item = u64> {
    let (challenge, target) = (task.challenge(), task.difficulty().target());
    (0..).filter(move |nonce| Solution::verify(&challenge, &target, *nonce).is_ok() == wins)
}

#[test]
#[ignore = "needs nats-server, which `cargo xtask test nats` installs"]
fn a_rig_that_lies_floods_and_replays() {
    let scene = Scene::new();
    let server = scene.server.address();
    let proxy = Proxy::before(scene.chain.endpoint());
    let coordinator = scene.lead(&server, &proxy.endpoint());
    let runtime = runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.expect("a runtime");
    runtime.block_on(async {
        let mut rogue = Rogue::new(&scene).await;
        // Something that was a proof until its block was too old.
        scene.relax();
        let mut old = rogue.task().await;
        while old.difficulty().get() != EASY {
            old = rogue.task().await;
        }
        scene.chain.set_difficulty(1, HARD);
        let newest = (0..6).map(|_| scene.chain.block()).last();
        while Some(rogue.task().await.block().0) != newest {}
        let nonce = nonces(&old, true).next().expect("there is one");
        assert_eq!(rogue.report(old, nonce).await, Verdict::Late);
        // Garbage, as fast as it can.
        for count in 0..FLOOD {
            rogue.say(vec![b'{'; count % 64]).await;
        }
        rogue.client.flush().await.expect("it is connected");
        // What is beyond its pace is not even read: it lies until it is cut off.
        let task = rogue.task().await;
        let mut lies = nonces(&task, false);
        while !coordinator.said().contains("rig rig-2 is cut off") {
            let nonce = lies.next().expect("most are");
            let session = Id(7);
            let find = Find {
                session,
                number: 9,
                task,
                nonce,
            };
            rogue.say(write(&FromRig::Find(find))).await;
            tokio::time::sleep(core::time::Duration::from_millis(50)).await;
        }
    });
    assert_eq!(proxy.count(SUBMIT), 0, "nothing of that is sent");
    // Its name is cut off, with all rigs that have it. The others go on.
    let honest = [(); 3].map(|()| rig_by(&scene.server, &server, 0));
    let honest = honest.map(Program::start);
    for rig in &honest {
        rig.says("hashing v1 for block");
    }
    scene.relax();
    scene.registers(coordinator);
    end(honest);
}
