//! What a rig hashes, and what becomes of its finds.

use btpow_core::{Position, Protocol};
use btpow_fleet::{
    coordinator::Event,
    message::{FromRig, Refusal, ToRig, read, write},
};
use futures_util::StreamExt as _;

use super::{
    chain::program::Program,
    common::{self, btpow},
    first, joined,
    lead::{Lead, by},
    link::fleet,
    server::{COORDINATOR, RIGS, Server},
};

#[test]
#[ignore = "needs nats-server, which `cargo xtask test nats` installs"]
fn a_rig_hashes_its_range_and_says_goodbye() {
    let server = Server::start();
    let mut lead = Lead::start(&server);
    lead.search(100);
    let rig = first(&server);
    let range = joined(&mut lead, "rig-1");
    rig.says(&format!(
        "this rig hashes range {} of the nonces",
        range.number()
    ));
    rig.says("hashing v1 for block 100");
    for block in 100..103 {
        lead.search(block);
        let found = lead.found(block);
        assert_eq!(found.rig.to_string(), "rig-1");
        let place = Position::of_nonce(found.solution.nonce(), Protocol::V1);
        assert!(range.contains(place), "{place:?} is not in {range:?}");
        rig.says(&format!(
            "the coordinator has this rig's find for block {block}"
        ));
    }
    rig.signal("USR1");
    let line = rig.says("block 102: ");
    assert!(
        line.contains(&format!("range {}", range.number())),
        "{line}"
    );

    lead.rest("the subnet is \u{1b}[2Jclosed");
    rig.says("devices rest; the coordinator says: the subnet is [2Jclosed");
    lead.search(104);
    rig.says("hashing v1 for block 104");
    lead.found(104);
    rig.signal("INT");
    let left = |event: &Event| matches!(event, Event::Left(_)).then_some(());
    lead.told(left);
    rig.end().exits(130).saying(&["interrupted"]);
}

/// A rig that has just begun with a block when its server dies, so that its first find for it comes later; and the block.
fn cut_off(server: &mut Server, lead: &mut Lead) -> (Program, u64) {
    for block in 100.. {
        lead.search_hard(block);
        let rig = first(server);
        rig.says(&format!("hashing v1 for block {block}"));
        server.kill();
        if !lead.has_found() {
            return (rig, block);
        }
        // It was lucky.
        drop(rig);
        server.restart();
    }
    unreachable!("there is always another block")
}

#[test]
#[ignore = "needs nats-server, which `cargo xtask test nats` installs"]
fn what_is_found_without_a_server_arrives_when_it_is_back() {
    let mut server = Server::start();
    let mut lead = Lead::start(&server);
    let (rig, block) = cut_off(&mut server, &mut lead);
    rig.says("warning: lost the fleet's server");
    rig.says(&format!(
        "found a solution for block {block}; it is kept until the server is back"
    ));
    server.restart();
    rig.says("is back");
    lead.found(block);
    // It was told once, however often it was tried.
    assert_eq!(rig.said().matches("lost the fleet's server").count(), 1);
}

#[test]
#[ignore = "needs nats-server, which `cargo xtask test nats` installs"]
fn a_find_that_nobody_takes_is_told_at_the_end() {
    let mut server = Server::start();
    let mut lead = Lead::start(&server);
    let (rig, block) = cut_off(&mut server, &mut lead);
    rig.says("it is kept until the server is back");
    rig.signal("INT");
    rig.says("it ends once a coordinator has taken what was found");
    let lost = "warning: no coordinator has taken nonce";
    rig.end()
        .exits(130)
        .saying(&[lost, &format!("wins for block {block}")]);
}

#[test]
#[ignore = "needs nats-server, which `cargo xtask test nats` installs"]
fn a_rig_that_is_refused_says_why_and_rests() {
    let server = Server::start();
    let rig = first(&server);
    rig.says("waiting for a coordinator");
    by(async {
        let coordinator = server.connect(COORDINATOR).await;
        let mut beats = coordinator
            .subscribe(fleet().from_rigs())
            .await
            .expect("it may");
        let say = async |message: Vec<u8>, subject: String| {
            let said = coordinator.publish(subject, message.into()).await;
            said.expect("it is connected");
            coordinator.flush().await.expect("it is connected");
        };
        let beat = beats.next().await.expect("it asks for a range");
        let name = fleet().sender(&beat.subject).expect("a rig's subject");
        let Ok(FromRig::Beat(beat)) = read(&beat.payload) else {
            panic!("a rig begins with a beat");
        };
        assert_eq!(beat.devices.len(), 1, "{beat:?}");
        let to_rig = || fleet().to_rig(&name);
        for reason in [
            Refusal::Version { speaks: 2 },
            Refusal::CutOff,
            Refusal::Full,
        ] {
            let refused = ToRig::Refused {
                session: Some(beat.session),
                reason,
            };
            say(write(&refused), to_rig()).await;
        }
        say(br#"{"v":3,"type":"else"}"#.to_vec(), fleet().announce()).await;
    });
    for words in [
        "the coordinator speaks version 2 of the fleet's protocol, and this program version 1",
        "the coordinator has cut off this rig's name",
        "the coordinator has as many rigs as it takes",
        "devices rest; the coordinator is asked again",
        "somebody in this fleet speaks version 3 of its protocol",
    ] {
        rig.says(words);
    }
}

/// A card that fails is told to the coordinator; without any device that works, it is over.
#[cfg(target_os = "linux")]
#[test]
#[ignore = "needs nats-server, which `cargo xtask test nats` installs"]
fn a_device_that_is_dropped_is_told_to_the_coordinator() {
    let server = Server::start();
    let lead = Lead::start(&server);
    lead.search(100);
    let start = |flags: &str| {
        let address = server.address();
        let flags = format!("rig --fleet {address} --threads 1 --name rig-1 {flags}");
        let mut command = btpow(&flags);
        command.arg("--fleet-creds").arg(server.secret(RIGS[0]));
        common::add_cards(&mut command);
        command.env("BTPOW_EMULATED_FAULT", "cuLaunchKernel=719+30");
        Program::start(command)
    };
    let goes_on = start("--device cpu,cuda");
    goes_on.says("was dropped: ");
    let (fault, rate) = lead.status(|status| {
        let mut devices = status.rigs.iter().flat_map(|rig| &rig.devices);
        let cpu = devices.clone().find(|it| it.name.as_str() == "cpu")?;
        let card = devices.find(|it| it.fault.is_some())?;
        let fault = card.fault.as_ref()?.as_str().to_owned();
        (cpu.rate > 0.0).then_some((fault, card.rate))
    });
    assert!(!fault.is_empty() && rate == 0.0, "{fault}, {rate}");
    goes_on.signal("TERM");
    goes_on.end().exits(143);
    let ends = start("--device cpu,cuda --exit-on-device-loss").end();
    ends.exits(7).complaining(&["was dropped: "]);
    let none_left = start("--device cuda").end();
    none_left
        .exits(7)
        .complaining(&["no device is left to work with"]);
}
