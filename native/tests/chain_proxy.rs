//! Chains that are reached through a proxy: HTTP's CONNECT and SOCKS5, by flag and by variable.

mod chain;
mod common;

use std::net::TcpListener;

use chain::{
    outlet::{HOST, LOGIN, Manner, Outlet},
    program::{self, Told},
    state::Chain,
};
use common::{btpow, told};

/// Asks a chain, with these flags more.
const ASK: &str = "doctor --threads 1 --device cpu --insecure";

/// What listens at an endpoint.
fn behind(chain: &Chain) -> &str {
    chain.endpoint().trim_start_matches("ws://")
}

/// The endpoint that only a proxy can reach.
fn hidden(scheme: &str) -> String {
    format!("{scheme}://{HOST}:9944")
}

fn through(proxy: &str, endpoint: &str) -> Told {
    program::run(program::at(endpoint, &format!("{ASK} --proxy {proxy}")))
}

#[test]
fn a_chain_is_reached_through_http_and_socks5() {
    let chain = Chain::easy();
    let named = hidden("ws");
    for (manner, login) in [(Manner::Open, ""), (Manner::Locked, &*format!("{LOGIN}@"))] {
        let http = Outlet::http(manner, behind(&chain));
        let socks5 = Outlet::socks5(manner, behind(&chain));
        for (outlet, scheme) in [(&http, "http"), (&socks5, "socks5h")] {
            let place = outlet.place();
            let told = through(&format!("{scheme}://{login}{place}"), &named).exits(0);
            let way = format!("{named} through {scheme}://{place}\n");
            assert!(told.stdout.contains(&way), "{told}");
            assert!(!told.to_string().contains("p%40ss"), "{told}");
            assert_eq!(
                outlet.asked(),
                [format!("{HOST}:9944")],
                "{scheme} {manner:?}"
            );
        }
    }
    // With socks5:// the program looks names up, and --proxy is for this machine as well.
    let outlet = Outlet::socks5(Manner::Open, behind(&chain));
    through(&format!("socks5://{}", outlet.place()), chain.endpoint()).exits(0);
    assert_eq!(outlet.asked(), [behind(&chain)]);
}

#[test]
fn what_a_proxy_refuses_is_said_with_its_name_and_the_endpoint_s() {
    let endpoint = hidden("wss");
    let nobody = TcpListener::bind("127.0.0.1:0").expect("a port");
    let closed = nobody.local_addr().expect("an address").to_string();
    drop(nobody);
    let http = |manner| Outlet::http(manner, "").place();
    let socks5 = |manner| Outlet::socks5(manner, "").place();
    for (scheme, login, place, words) in [
        (
            "http",
            "",
            http(Manner::Locked),
            "wants a user and a password",
        ),
        (
            "http",
            "user:no@",
            http(Manner::Locked),
            "refuses the user and the password",
        ),
        ("http", "", http(Manner::Forbidding), "403 Forbidden"),
        ("http", "", http(Manner::Mute), "does not answer as one"),
        (
            "socks5h",
            "",
            socks5(Manner::Locked),
            "wants a user and a password",
        ),
        (
            "socks5h",
            "user:no@",
            socks5(Manner::Locked),
            "refuses the user and the password",
        ),
        (
            "socks5h",
            "",
            socks5(Manner::Forbidding),
            "not allowed by ruleset",
        ),
        ("socks5h", "", socks5(Manner::Mute), "opens no way there"),
        (
            "socks5h",
            "",
            closed.clone(),
            "cannot be reached: Connection refused",
        ),
        ("http", "", closed, "cannot be reached: Connection refused"),
    ] {
        let told = through(&format!("{scheme}://{login}{place}"), &endpoint).exits(3);
        assert!(!told.stderr.contains("user:no"), "{told}");
        let proxy = format!("the proxy {scheme}://{place} ");
        told.complaining(&[&endpoint, &proxy, words]);
    }
}

/// As curl does: `NO_PROXY` names what is reached without, and this machine always is.
#[test]
fn variables_name_the_proxy_of_other_machines() {
    let chain = Chain::easy();
    let outlet = Outlet::http(Manner::Forbidding, "");
    let run = |endpoint: &str, variables: &[(&str, &str)]| {
        let mut command = program::at(endpoint, ASK);
        command.envs(variables.iter().copied());
        program::run(command)
    };
    let place = outlet.place();
    let hidden = hidden("wss");
    for name in ["https_proxy", "HTTPS_PROXY", "ALL_PROXY"] {
        run(&hidden, &[(name, &place)])
            .exits(3)
            .complaining(&["403 Forbidden", &format!("the proxy http://{place} ")]);
    }
    assert_eq!(outlet.asked().len(), 3);
    let told = run(
        &hidden,
        &[("HTTPS_PROXY", &place), ("NO_PROXY", "other, .test")],
    )
    .exits(3);
    assert!(!told.stderr.contains("proxy"), "{told}");
    run(
        chain.endpoint(),
        &[("http_proxy", &place), ("ALL_PROXY", &place)],
    )
    .exits(0);
    assert_eq!(outlet.asked().len(), 3);
}

#[test]
fn a_host_that_http_cannot_name_is_told_in_one_line() {
    let outlet = Outlet::http(Manner::Open, "");
    for host in ["{host}", "ho`st", "ho\"st"] {
        let proxy = format!("http://{}", outlet.place());
        let told = through(&proxy, &format!("wss://{host}:443")).exits(3);
        told.complaining(&[&proxy, host, "check the endpoint's URL"]);
    }
    assert_eq!(outlet.asked(), [""; 0]);
}

#[test]
fn a_proxy_that_is_none_is_told_in_one_line() {
    for wrong in [
        "",
        "ftp://u:secret@proxy",
        "https://proxy:3128",
        "http://",
        "http://a b",
    ] {
        let mut flag = btpow("subnets --device cpu --network wss://node.test");
        flag.args(["--proxy", wrong]);
        let mut variable = btpow("subnets --device cpu --network wss://node.test");
        variable.env("HTTPS_PROXY", wrong);
        for (mut command, name) in [(flag, "--proxy"), (variable, "HTTPS_PROXY")] {
            if wrong.is_empty() && name == "HTTPS_PROXY" {
                continue; // An empty variable is not set.
            }
            let (code, stdout, stderr) = told(&command.output().expect("starts"));
            assert_eq!((code, &*stdout), (Some(2), ""), "{wrong}: {stderr}");
            assert_eq!(stderr.lines().count(), 1, "{stderr}");
            assert!(stderr.starts_with(&format!("error: {name}: ")), "{stderr}");
            assert!(
                stderr.contains("http://host:3128") && !stderr.contains("secret"),
                "{stderr}"
            );
        }
    }
    // Nothing leaves this machine unencrypted without a word.
    let output = btpow("doctor --network local --proxy http://proxy.test:1").output();
    let (code, _, stderr) = told(&output.expect("starts"));
    assert_eq!(code, Some(2));
    assert!(
        stderr.contains("--proxy: ") && stderr.contains("--insecure"),
        "{stderr}"
    );
}
