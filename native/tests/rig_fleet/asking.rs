//! How others learn how a rig is, and a fleet.

use serde_json::Value;

use super::{
    chain::{
        client::Client,
        program::{Program, run},
    },
    common::{self, btpow},
    first, joined,
    lead::Lead,
    rig,
    server::{COORDINATOR, RIGS, Server, User, VIEWER},
};

#[test]
#[ignore = "needs nats-server, which `cargo xtask test nats` installs"]
fn whoever_may_ask_learns_how_the_fleet_is() {
    let server = Server::start();
    let ask = |user: User, flags: &str| {
        let address = server.address();
        let mut command = btpow(&format!("fleet status --fleet {address} {flags}"));
        command.arg("--fleet-creds").arg(server.secret(user));
        run(command)
    };
    ask(VIEWER, "").exits(3).complaining(&[
        "no coordinator of the fleet main answers",
        "none is connected",
    ]);
    ask(RIGS[0], "").exits(3).complaining(&[
        "this key may not ask how the fleet main is",
        "the viewer's or the coordinator's",
    ]);
    let mut lead = Lead::start(&server);
    lead.search(100);
    let rig = first(&server);
    joined(&mut lead, "rig-1");
    rig.says("hashing v1 for block 100");
    let told = ask(VIEWER, "").exits(0);
    assert!(told.stdout.contains("rig-1"), "{told}");
    let status = ask(VIEWER, "--json").exits(0).json();
    assert_eq!(status["rigs"][0]["name"], "rig-1", "{status:#}");
    // On the coordinator's own machine there is no other key.
    let status = ask(COORDINATOR, "--json").exits(0).json();
    assert_eq!(status["rigs"][0]["name"], "rig-1", "{status:#}");
}

/// It hashes on, but its proofs may reach nobody.
#[test]
#[ignore = "needs nats-server, which `cargo xtask test nats` installs"]
fn a_rig_that_hears_nobody_says_so_everywhere() {
    let mut server = Server::start();
    let lead = Lead::start(&server);
    lead.search_hard(100);
    let rig = Program::start(rig(&server, RIGS[0], "--api 127.0.0.1:0"));
    let client = Client::of(&rig);
    rig.says("hashing v1 for block 100");
    client.status_with(|it| it["trouble"].is_null());
    let connected = "\nbtpow_fleet_connected 1\n";
    assert!(client.get("/metrics").body.contains(connected));
    // It is killed.
    drop(lead);
    rig.says("warning: nothing is heard of the coordinator; going on for up to ");
    let status = client.status_with(|it| it["trouble"] == "no word from the coordinator");
    let message = common::text(&status["goals"][0], "message");
    assert!(
        message.ends_with("; no word from the coordinator"),
        "{message}"
    );
    assert_eq!(client.get("/healthz").code, 503);
    let lead = Lead::start(&server);
    lead.search_hard(101);
    rig.says("the coordinator is heard again");
    client.status_with(|it| it["trouble"].is_null());
    assert_eq!(client.get("/healthz").code, 200);
    server.kill();
    client.status_with(|it| it["trouble"] == "no connection to the fleet's server");
    assert_eq!(client.get("/healthz").code, 503);
    let unconnected = "\nbtpow_fleet_connected 0\n";
    assert!(client.get("/metrics").body.contains(unconnected));
}

#[test]
#[ignore = "needs nats-server, which `cargo xtask test nats` installs"]
fn a_rig_answers_how_it_goes() {
    let mut server = Server::start();
    let mut lead = Lead::start(&server);
    let rig = Program::start(rig(&server, RIGS[0], "--api 127.0.0.1:0"));
    let client = Client::of(&rig);
    rig.says("waiting for a coordinator");
    let health = client.get("/healthz");
    assert_eq!(health.code, 503, "{health:?}");
    lead.search(100);
    lead.found(100);
    let is_hashing = |status: &Value| status["goals"][0]["phase"] == "searching";
    let status = client.status_with(|it| is_hashing(it) && it["goals"][0]["proofs"] != 0);
    common::schema::check("status", &status);
    let goal = &status["goals"][0];
    assert_eq!(goal["goal"], "fleet main", "{status:#}");
    let message = common::text(goal, "message");
    assert!(
        message.starts_with("range ") && message.contains("taken"),
        "{message}"
    );
    assert_eq!(client.get("/healthz").code, 200);
    let metrics = client.get("/metrics").body;
    assert!(metrics.contains("btpow_build_info{"), "{metrics}");
    assert!(metrics.contains("command=\"rig\""), "{metrics}");
    lead.rest("enough");
    client.status_with(|it| it["paused"] == true && it["goals"][0]["phase"] == "paused");
    assert_eq!(client.get("/healthz").code, 200, "somebody wishes it so");
    server.kill();
    client.status_with(|it| it["goals"][0]["phase"] == "offline");
    let health = client.get("/healthz");
    assert_eq!(health.code, 503, "{health:?}");
    assert!(
        health.body.contains("no connection to the server"),
        "{health:?}"
    );
}
