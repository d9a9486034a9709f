use btpow_core::{Difficulty, Order as Bytes, PublicKey};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn task() -> Task {
    let asked = Asked::V1 {
        netuid: 7,
        hotkey: PublicKey([0x22; 32]),
        coldkey: PublicKey([0x33; 32]),
    };
    let difficulty = Difficulty::new(u64::MAX).expect("not zero");
    Task::new(asked, (100, [0x11; 32]), difficulty).expect("not the root subnet")
}

fn legacy() -> Task {
    let asked = Asked::Legacy {
        order: Bytes::Big,
        key: PublicKey([0x44; 32]),
    };
    let difficulty = Difficulty::new(5).expect("not zero");
    Task::new(asked, (100, [0x11; 32]), difficulty).expect("not the root subnet")
}

fn announcement() -> Announcement {
    Announcement {
        coordinator: Id(0xabc),
        term: u64::MAX,
        sequence: 3,
        head: 100,
        order: Order::Search {
            patience_s: 60,
            task: task(),
        },
        ends: false,
    }
}

fn rest() -> Announcement {
    let reason = Text::new("the subnet is closed");
    Announcement {
        order: Order::Rest { reason },
        ..announcement()
    }
}

fn beat() -> Beat {
    Beat {
        session: Id(1),
        program: Text::new("btpow 0.1.0"),
        range: Some(Range::FIRST),
        block: Some(100),
        lost: Lost {
            joining_s: 0.5,
            silent_s: 0.0,
            resting_s: 12.0,
        },
        devices: vec![Device {
            name: Text::new("cpu:0"),
            rate: 1.5e6,
            nonces: u64::MAX,
            fault: Some(Text::new("wrong seal")),
        }],
    }
}

fn find(task: Task) -> FromRig {
    FromRig::Find(Find {
        session: Id(1),
        number: 4,
        task,
        nonce: u64::MAX,
    })
}

fn from_rig() -> Vec<FromRig> {
    let bare = Beat {
        range: None,
        block: None,
        devices: Vec::new(),
        ..beat()
    };
    vec![
        FromRig::Beat(beat()),
        FromRig::Beat(bare),
        find(task()),
        find(legacy()),
        FromRig::Bye { session: Id(1) },
    ]
}

fn to_rig() -> Vec<ToRig> {
    let welcome = |announcement| ToRig::Welcome {
        session: Id(1),
        range: Range::FIRST,
        announcement,
    };
    let answer = |verdict| ToRig::Answer {
        session: Id(1),
        number: 4,
        coordinator: Id(u64::MAX),
        verdict,
    };
    let refused = |session, reason| ToRig::Refused { session, reason };
    vec![
        welcome(announcement()),
        welcome(rest()),
        answer(Verdict::Taken),
        answer(Verdict::Known),
        answer(Verdict::Late),
        answer(Verdict::Wrong),
        answer(Verdict::Keep),
        refused(None, Refusal::Version { speaks: 2 }),
        refused(None, Refusal::CutOff),
        refused(Some(Id(1)), Refusal::Full),
    ]
}

fn status() -> Status {
    Status {
        coordinator: Id(1),
        program: Text::new("btpow 0.1.0"),
        head: 100,
        block: Some(100),
        rate: 1.5e6,
        finds: Count {
            taken: 1,
            ..Count::default()
        },
        progress: Progress::default(),
        rigs: vec![Rig {
            name: "rack-1".to_owned(),
            program: Text::new("btpow 0.1.0"),
            range: Range::FIRST,
            here_s: 10.0,
            silent_s: 1.0,
            block: None,
            lost: Lost::default(),
            finds: Count::default(),
            devices: beat().devices,
        }],
        more_rigs: 0,
        cut_off: vec!["rack-2".to_owned()],
    }
}

fn reads_again<T: Message + core::fmt::Debug + PartialEq>(message: &T) {
    let bytes = write(message);
    assert!(bytes.len() <= T::LONGEST);
    assert_eq!(read::<T>(&bytes).as_ref(), Ok(message));
}

#[test]
fn every_message_is_read_as_it_was_written() {
    reads_again(&announcement());
    reads_again(&rest());
    reads_again(&Announcement {
        ends: true,
        ..rest()
    });
    from_rig().iter().for_each(reads_again);
    to_rig().iter().for_each(reads_again);
    reads_again(&status());
}

/// The bytes that another program has to write: the README shows the same.
#[test]
fn messages_look_as_the_protocol_says() {
    let key = |digit: &str| format!("0x{}", digit.repeat(64));
    let task = json!({
        "protocol": "v1", "netuid": 7, "hotkey": key("2"), "coldkey": key("3"),
        "block_number": 100, "block_hash": key("1"),
        "difficulty": "18446744073709551615", "until": 104,
    });
    let order = json!({ "do": "search", "patience_s": 60, "task": task });
    let announced = json!({
        "v": 1, "coordinator": "0000000000000abc", "term": "18446744073709551615",
        "sequence": "3", "head": 100, "order": order,
    });
    let value = |bytes: Vec<u8>| serde_json::from_slice::<Value>(&bytes).expect("JSON");
    assert_eq!(value(write(&announcement())), announced);
    let beat = json!({
        "v": 1, "type": "beat", "session": "0000000000000001", "program": "btpow 0.1.0",
        "range": 1, "block": 100,
        "lost": { "joining_s": 0.5, "silent_s": 0.0, "resting_s": 12.0 },
        "devices": [{
            "name": "cpu:0", "rate": 1.5e6, "nonces": "18446744073709551615", "fault": "wrong seal",
        }],
    });
    assert_eq!(value(write(&from_rig()[0])), beat);
    let found = json!({
        "v": 1, "type": "find", "session": "0000000000000001", "number": 4,
        "nonce": "18446744073709551615",
        "task": {
            "protocol": "legacy", "order": "big", "key": key("4"),
            "block_number": 100, "block_hash": key("1"), "difficulty": "5", "until": 101,
        },
    });
    assert_eq!(value(write(&find(legacy()))), found);
    let refused =
        |session, why| json!({ "v": 1, "type": "refused", "session": session, "reason": why });
    let version = json!({ "why": "version", "speaks": 2 });
    let id = "0000000000000001";
    assert_eq!(value(write(&to_rig()[7])), refused(Value::Null, version));
    assert_eq!(
        value(write(&to_rig()[9])),
        refused(json!(id), json!({ "why": "full" }))
    );
}

#[test]
fn what_is_not_known_is_passed_over() {
    let bytes = write(&announcement());
    let mut value: Value = serde_json::from_slice(&bytes).expect("JSON");
    value["new"] = json!({ "deep": [1, 2] });
    value["order"]["new"] = json!(1);
    value["order"]["task"]["new"] = json!("x");
    let bytes = serde_json::to_vec(&value).expect("JSON");
    assert_eq!(read(&bytes), Ok(announcement()));
}

/// Whether a message with one value changed is still read.
fn survives<T: Message>(message: &T, path: &str, new: Value) -> bool {
    let mut value: Value = serde_json::from_slice(&write(message)).expect("JSON");
    let place = value.pointer_mut(path);
    *place.unwrap_or_else(|| panic!("no {path}")) = new;
    read::<T>(&serde_json::to_vec(&value).expect("JSON")).is_ok()
}

#[test]
fn every_field_has_its_limits() {
    let (found, announced) = (find(task()), announcement());
    let wrong = [
        ("/task/netuid", json!(0)),
        ("/task/netuid", json!(65_536)),
        ("/task/netuid", json!(-1)),
        ("/task/protocol", json!("v2")),
        ("/task/hotkey", json!(format!("0x{}", "2".repeat(62)))),
        ("/task/coldkey", json!(format!("0x{}", "g".repeat(64)))),
        ("/task/block_hash", json!(7)),
        ("/task/block_number", json!(-1)),
        ("/task/block_number", json!(1.5)),
        ("/task/difficulty", json!("0")),
        ("/task/difficulty", json!("18446744073709551616")),
        ("/task/difficulty", json!(5)),
        ("/task/until", json!(null)),
        ("/nonce", json!("")),
        ("/nonce", json!("+5")),
        ("/nonce", json!("-5")),
        ("/nonce", json!(" 5")),
        ("/nonce", json!(5)),
        ("/number", json!(4_294_967_296_u64)),
        ("/session", json!("1")),
        ("/session", json!("+000000000000001")),
        ("/session", json!("00000000000000001")),
        ("/type", json!("found")),
        ("/type", json!(null)),
    ];
    for (path, value) in wrong {
        assert!(!survives(&found, path, value.clone()), "{path} {value}");
    }
    let order = json!("middle");
    assert!(!survives(&find(legacy()), "/task/order", order));
    let wrong = [
        ("/term", json!("18446744073709551616")),
        ("/sequence", json!(3)),
        ("/head", json!(-1)),
        ("/coordinator", json!("")),
        ("/order", json!({})),
        ("/order/do", json!("stop")),
        ("/order/patience_s", json!(4_294_967_296_u64)),
        ("/order/task", json!(null)),
    ];
    for (path, value) in wrong {
        assert!(!survives(&announced, path, value.clone()), "{path} {value}");
    }
    assert!(!survives(&rest(), "/order/reason", json!("a".repeat(101))));
    assert!(survives(&rest(), "/order/reason", json!("ä".repeat(100))));
}

#[test]
fn a_beat_has_its_limits() {
    let beat = FromRig::Beat(beat());
    let device = |rate: f64| json!({ "name": "", "rate": rate, "nonces": "0", "fault": null });
    let devices = |count| Value::Array(vec![device(1.0); count]);
    assert!(survives(&beat, "/devices", devices(MOST_DEVICES)));
    assert!(!survives(&beat, "/devices", devices(MOST_DEVICES + 1)));
    let wrong = [
        ("/range", json!(0)),
        ("/range", json!(65_536)),
        ("/program", json!("a".repeat(101))),
        ("/program", json!(null)),
        ("/block", json!(-1)),
        ("/lost/joining_s", json!(-1.0)),
        ("/lost/silent_s", json!(-1.0)),
        ("/lost/resting_s", json!(null)),
        ("/devices/0/rate", json!(-0.1)),
        ("/devices/0/rate", json!("1")),
        ("/devices/0/rate", json!(1.1e18)),
        ("/devices/0/name", json!("a".repeat(101))),
        ("/devices/0/nonces", json!("x")),
        ("/devices/0/fault", json!(1)),
    ];
    for (path, value) in wrong {
        assert!(!survives(&beat, path, value.clone()), "{path} {value}");
    }
    // JSON has no such number, and Rust would read infinity.
    let text = String::from_utf8(write(&beat)).expect("text");
    let endless = text.replace("1500000.0", "1e999");
    assert_ne!(text, endless);
    let read = read::<FromRig>(endless.as_bytes());
    assert_eq!(read, Err(Unreadable::Malformed));
}

#[test]
fn a_rig_with_many_devices_has_room() {
    let long = Text::new(&"\u{1f980}".repeat(200));
    let device = Device {
        name: long.clone(),
        rate: f64::MAX,
        nonces: u64::MAX,
        fault: None,
    };
    let beat = FromRig::Beat(Beat {
        program: long,
        devices: vec![device; 30],
        ..beat()
    });
    assert!(write(&beat).len() <= LONGEST);
}

#[test]
fn another_version_is_told_apart_from_garbage() {
    assert_eq!(
        read::<FromRig>(br#"{"v":2,"anything":[]}"#),
        Err(Unreadable::Version(2))
    );
    for garbage in [
        &b""[..],
        b"null",
        b"{}",
        b"[]",
        b"{\"v\":1}",
        b"{\"v\":-1}",
        b"{\"v\":\"1\"}",
        b"\xff\xfe",
    ] {
        assert_eq!(read::<FromRig>(garbage), Err(Unreadable::Malformed));
        assert_eq!(read::<ToRig>(garbage), Err(Unreadable::Malformed));
        assert_eq!(read::<Announcement>(garbage), Err(Unreadable::Malformed));
    }
}

#[test]
fn a_long_message_is_not_even_looked_at() {
    let long = vec![b'{'; LONGEST + 1];
    let expected = Err(Unreadable::TooLong(LONGEST + 1));
    assert_eq!(read::<FromRig>(&long), expected);
    // Nor does depth exhaust the stack.
    let deep = format!(r#"{{"v":1,"x":{}"#, "[".repeat(LONGEST - 20));
    let read = read::<FromRig>(deep.as_bytes());
    assert_eq!(read, Err(Unreadable::Malformed));
}

/// What is read can be written and read again, whatever it was.
fn holds<T: Message + PartialEq + core::fmt::Debug>(bytes: &[u8]) {
    if let Ok(message) = read::<T>(bytes) {
        assert_eq!(read::<T>(&write(&message)), Ok(message));
    }
}

fn all_hold(bytes: &[u8]) {
    holds::<FromRig>(bytes);
    holds::<ToRig>(bytes);
    holds::<Announcement>(bytes);
    holds::<Status>(bytes);
}

proptest! {
    #[test]
    fn garbage_harms_nobody(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        all_hold(&bytes);
    }

    /// Messages with some bytes exchanged, lost or repeated.
    #[test]
    fn nor_does_a_damaged_message(
        which in 0_usize..17,
        edits in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0_u8..3), 1..6),
    ) {
        let mut all: Vec<_> = from_rig().iter().map(write).collect();
        all.extend(to_rig().iter().map(write));
        all.extend([write(&announcement()), write(&status())]);
        let mut bytes = all.swap_remove(which);
        for (place, byte, how) in edits {
            let place = place.index(bytes.len());
            match how {
                0 => bytes[place] = byte,
                1 => { bytes.remove(place); }
                _ => bytes.insert(place, byte),
            }
        }
        all_hold(&bytes);
    }
}
