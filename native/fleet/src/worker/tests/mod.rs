mod finds;

use btpow_core::{Difficulty, PublicKey, Search};

use super::*;
use crate::{
    Asked,
    message::{LONGEST, Text},
};

const SECOND: Micros = 1_000_000;
const SESSION: Id = Id(7);
const NONE: [u32; 0] = [];

fn new() -> Worker {
    let settings = Settings {
        session: SESSION,
        program: Text::new("btpow"),
    };
    Worker::new(settings, 0)
}

fn task(block: u8) -> Task {
    let asked = Asked::V1 {
        netuid: 1,
        hotkey: PublicKey([2; 32]),
        coldkey: PublicKey([3; 32]),
    };
    let difficulty = Difficulty::new(4).expect("not zero");
    Task::new(asked, (block.into(), [block; 32]), difficulty).expect("no root")
}

fn announcement(coordinator: u64, term: u64, sequence: u64, block: u8) -> Announcement {
    Announcement {
        coordinator: Id(coordinator),
        term,
        sequence,
        head: block.into(),
        order: Order::Search {
            patience_s: 60,
            task: task(block),
        },
        ends: false,
    }
}

fn rest(sequence: u64, head: u64) -> Announcement {
    Announcement {
        head,
        order: Order::Rest {
            reason: Text::new("closed"),
        },
        ..announcement(1, 5, sequence, 0)
    }
}

fn range(number: u16) -> Range {
    Range::try_from(number).expect("not 0")
}

fn welcome(session: Id, number: u16, announcement: Announcement) -> Vec<u8> {
    write(&ToRig::Welcome {
        session,
        range: range(number),
        announcement,
    })
}

/// A rig that hashes for block 100, as coordinator 1 says.
fn hashing() -> Worker {
    let mut it = new();
    it.received(&welcome(SESSION, 3, announcement(1, 5, 1, 100)), 0);
    assert_eq!(it.task(), Some(&task(100)));
    it
}

fn answer(number: u32, coordinator: u64, verdict: Verdict) -> Vec<u8> {
    write(&ToRig::Answer {
        session: SESSION,
        number,
        coordinator: Id(coordinator),
        verdict,
    })
}

/// Solutions for a block, each lower than the one before.
fn falling(block: u8) -> Vec<Solution> {
    let task = task(block);
    let (challenge, target) = (task.challenge(), task.difficulty().target());
    let all = (0..1_000).filter_map(|nonce| Solution::verify(&challenge, &target, nonce).ok());
    let mut falling: Vec<Solution> = Vec::new();
    for it in all {
        if falling.last().is_none_or(|last| it.value() < last.value()) {
            falling.push(it);
        }
    }
    falling
}

fn find(it: &mut Worker, block: u8, now: Micros) -> Vec<Action> {
    it.found(&task(block).challenge(), falling(block)[0], now)
}

fn sent(actions: &[Action]) -> Vec<FromRig> {
    let sent = actions.iter().filter_map(|action| match action {
        Action::Send(bytes) => Some(read(bytes).expect("a message")),
        _ => None,
    });
    sent.collect()
}

/// Numbers of the finds that are sent.
fn finds(actions: &[Action]) -> Vec<u32> {
    let finds = sent(actions)
        .into_iter()
        .filter_map(|message| match message {
            FromRig::Find(find) => Some(find.number),
            _ => None,
        });
    finds.collect()
}

fn beats(actions: &[Action]) -> Vec<Beat> {
    let beats = sent(actions)
        .into_iter()
        .filter_map(|message| match message {
            FromRig::Beat(beat) => Some(beat),
            _ => None,
        });
    beats.collect()
}

fn search(actions: &[Action]) -> Option<Search> {
    actions.iter().find_map(|action| match action {
        Action::Search(search) => Some(*search),
        _ => None,
    })
}

fn pauses(actions: &[Action]) -> Option<Why> {
    actions.iter().find_map(|action| match action {
        Action::Pause(why) => Some(why.clone()),
        _ => None,
    })
}

#[test]
fn a_rig_asks_every_second_until_it_has_a_range() {
    let mut it = new();
    for second in 0..4 {
        let actions = it.tick(second * SECOND);
        assert_eq!(beats(&actions).len(), 1);
        assert_eq!(beats(&actions)[0].range, None);
        assert_eq!(it.next_tick(), (second + 1) * SECOND);
    }
    // The challenge alone is not enough.
    let bytes = write(&announcement(1, 5, 1, 100));
    assert_eq!(search(&it.announced(&bytes, 4 * SECOND)), None);
    assert_eq!(it.waits_for(), Some(&Why::Joining));
    let actions = it.received(&welcome(SESSION, 3, announcement(1, 5, 2, 100)), 4 * SECOND);
    let expected = task(100).search(range(3).start());
    assert_eq!(search(&actions), Some(expected));
    assert!(actions.contains(&Action::Tell(Event::Joined(range(3)))));
    // From now on it tells every five.
    assert_eq!(beats(&it.tick(5 * SECOND)).len(), 1);
    assert_eq!(beats(&it.tick(10 * SECOND - 1)).len(), 0);
    let last = beats(&it.tick(10 * SECOND));
    assert_eq!((last[0].range, last[0].block), (Some(range(3)), Some(100)));
}

#[test]
fn it_beats_every_second_while_it_hears_nobody() {
    let mut it = hashing();
    let count = |it: &mut Worker, seconds: core::ops::Range<Micros>| {
        seconds.map(|at| beats(&it.tick(at * SECOND)).len()).sum()
    };
    it.announced(&write(&rest(2, 100)), 0);
    let heard: usize = count(&mut it, 0..5);
    let silent: usize = count(&mut it, 6..16);
    assert!(heard <= 2 && silent == 10, "{heard}, {silent}");
    it.announced(&write(&rest(3, 100)), 16 * SECOND);
    let heard: usize = count(&mut it, 16..21);
    assert!(heard <= 2, "{heard}");
}

#[test]
fn a_new_challenge_needs_no_answer() {
    let mut it = hashing();
    let actions = it.announced(&write(&announcement(1, 5, 2, 101)), 0);
    let expected = task(101).search(range(3).start());
    assert_eq!(actions, [Action::Search(expected)]);
    // Nor a second time.
    assert_eq!(it.announced(&write(&announcement(1, 5, 3, 101)), 0), []);
}

#[test]
fn an_old_announcement_that_comes_late_is_dropped() {
    let mut it = hashing();
    it.announced(&write(&announcement(1, 5, 9, 101)), 0);
    for old in [
        announcement(1, 5, 8, 100),
        announcement(1, 5, 9, 100),
        announcement(1, 4, 10, 100),
    ] {
        assert_eq!(it.announced(&write(&old), 0), []);
    }
    // The same coordinator has taken over again.
    let bytes = write(&announcement(1, 6, 1, 102));
    assert!(search(&it.announced(&bytes, 0)).is_some());
}

#[test]
fn it_follows_the_higher_term_and_any_other_after_a_silence() {
    let mut it = hashing();
    let lower = |sequence| write(&announcement(2, 4, sequence, 101));
    it.tick(5 * SECOND);
    assert_eq!(it.announced(&lower(1), 5 * SECOND), []);
    let actions = it.announced(&lower(2), 5 * SECOND + 1);
    assert!(actions.contains(&Action::Tell(Event::Follows(Id(2)))));
    assert_eq!(beats(&actions).len(), 1, "that one may not know of it");
    let higher = write(&announcement(1, 5, 2, 102));
    let actions = it.announced(&higher, 5 * SECOND + 2);
    assert!(actions.contains(&Action::Tell(Event::Follows(Id(1)))));
    let same = write(&announcement(3, 5, 1, 103));
    let actions = it.announced(&same, 5 * SECOND + 2);
    assert!(
        actions.contains(&Action::Tell(Event::Follows(Id(3)))),
        "the same term, and a higher number"
    );
}

#[test]
fn it_goes_on_without_a_word_only_as_long_as_a_proof_counts() {
    let mut it = hashing();
    it.tick(0);
    it.at(range(3).start().after(500));
    it.tick(60 * SECOND - 1);
    assert!(it.task().is_some());
    let actions = it.tick(60 * SECOND);
    assert_eq!(pauses(&actions), Some(Why::Silent));
    // It goes on where it was.
    let actions = it.announced(&write(&announcement(1, 5, 2, 100)), 61 * SECOND);
    let expected = task(100).search(range(3).start().after(500));
    assert_eq!(search(&actions), Some(expected));
    let lost = beats(&it.tick(70 * SECOND))[0].lost;
    assert!((lost.silent_s - 1.0).abs() < 1e-9, "{lost:?}");
    assert!(lost.joining_s < 1e-9 && lost.resting_s < 1e-9);
}

/// That the user is told of silence.
fn words(actions: &[Action]) -> Vec<Event> {
    let events = actions.iter().filter_map(|action| match action {
        Action::Tell(event) => Some(event.clone()),
        _ => None,
    });
    events.collect()
}

#[test]
fn silence_is_told_once_with_what_is_left_and_so_is_its_end() {
    let mut it = hashing();
    it.tick(0);
    assert_eq!(it.next_tick(), 5 * SECOND);
    assert_eq!(words(&it.tick(5 * SECOND - 1)), []);
    assert!(!it.is_quiet(5 * SECOND - 1));
    let left = Some(55 * SECOND);
    assert_eq!(words(&it.tick(5 * SECOND)), [Event::Quiet(left)]);
    assert!(it.is_quiet(5 * SECOND));
    assert_eq!(words(&it.tick(6 * SECOND)), []);
    let again = write(&announcement(1, 5, 2, 100));
    assert_eq!(words(&it.announced(&again, 7 * SECOND)), [Event::Heard]);
    // Another one is told of anyway.
    it.tick(12 * SECOND);
    let another = write(&announcement(2, 1, 1, 100));
    let told = words(&it.announced(&another, 13 * SECOND));
    assert_eq!(told, [Event::Follows(Id(2))]);
    // Whoever rests learns of it, too.
    let resting = write(&Announcement {
        coordinator: Id(2),
        term: 6,
        ..rest(1, 100)
    });
    it.announced(&resting, 14 * SECOND);
    assert_eq!(words(&it.tick(19 * SECOND)), [Event::Quiet(None)]);
}

#[test]
fn it_waits_for_another_one_once_its_coordinator_has_ended() {
    let mut it = hashing();
    let last = Announcement {
        ends: true,
        ..rest(2, 100)
    };
    let actions = it.announced(&write(&last), SECOND);
    let over = Why::Over(Text::new("closed"));
    assert_eq!(pauses(&actions), Some(over));
    // It says that it is there, to whoever begins; and an end is no silence.
    let later: Vec<_> = (2..=20).flat_map(|at| it.tick(at * SECOND)).collect();
    assert!(beats(&later).len() >= 15, "{later:?}");
    assert_eq!(words(&later), []);
    let lost = beats(&later).last().expect("one").lost;
    assert!(lost.resting_s < 1e-9 && lost.joining_s > 15.0, "{lost:?}");
    // What was on the way is older.
    let old = write(&announcement(1, 5, 1, 100));
    let mut young = hashing();
    young.announced(&write(&last), SECOND);
    assert_eq!(words(&young.announced(&old, SECOND)), []);
    assert!(young.task().is_none());
    // Whoever comes next is followed at once, also with a lower term.
    let next = write(&announcement(3, 1, 1, 101));
    let actions = young.announced(&next, SECOND + 1);
    assert_eq!(words(&actions), [Event::Follows(Id(3))]);
    assert!(search(&actions).is_some());
}

#[test]
fn it_wakes_when_it_will_have_heard_nothing_for_too_long() {
    let mut it = hashing();
    for second in 0..=59 {
        it.tick(second * SECOND);
    }
    assert_eq!(it.next_tick(), 60 * SECOND);
}

#[test]
fn it_comes_back_to_a_challenge_where_it_left_it() {
    let mut it = hashing();
    it.at(range(3).start().after(500));
    it.announced(&write(&announcement(1, 5, 2, 101)), 0);
    it.at(range(3).start().after(90));
    let actions = it.announced(&write(&announcement(1, 5, 3, 100)), 0);
    let left = range(3).start().after(500);
    assert_eq!(search(&actions), Some(task(100).search(left)));
    // A place in somebody else's range means nothing.
    it.at(range(9).start());
    it.announced(&write(&announcement(1, 5, 4, 101)), 0);
    let actions = it.announced(&write(&announcement(1, 5, 5, 100)), 0);
    assert_eq!(search(&actions), Some(task(100).search(left)));
    // In another range everything begins anew.
    let actions = it.received(&welcome(SESSION, 4, announcement(1, 5, 6, 100)), 0);
    assert_eq!(search(&actions), Some(task(100).search(range(4).start())));
}

#[test]
fn it_rests_when_it_is_told_to() {
    let mut it = hashing();
    let actions = it.announced(&write(&rest(2, 100)), 0);
    let closed = Why::Resting(Text::new("closed"));
    assert_eq!(actions, [Action::Pause(closed)]);
    assert_eq!(beats(&it.tick(5 * SECOND))[0].block, None);
    let lost = beats(&it.tick(10 * SECOND))[0].lost;
    assert!((lost.resting_s - 10.0).abs() < 1e-9, "{lost:?}");
    let actions = it.announced(&write(&announcement(1, 5, 3, 100)), 10 * SECOND);
    assert!(search(&actions).is_some());
}

#[test]
fn a_rig_that_is_refused_rests_and_asks_again() {
    let mut it = hashing();
    let reason = Refusal::CutOff;
    let session = None;
    let refused = write(&ToRig::Refused { session, reason });
    let actions = it.received(&refused, SECOND);
    assert_eq!(pauses(&actions), Some(Why::Refused(reason)));
    assert!(actions.contains(&Action::Tell(Event::Refused(reason))));
    assert_eq!(it.received(&refused, SECOND), [], "told once");
    assert_eq!(beats(&it.tick(30 * SECOND)).len(), 0);
    assert_eq!(beats(&it.tick(31 * SECOND))[0].range, None);
    let actions = it.received(
        &welcome(SESSION, 3, announcement(1, 5, 2, 100)),
        31 * SECOND,
    );
    assert!(search(&actions).is_some());
}

#[test]
fn what_another_process_of_its_name_did_does_not_stop_it() {
    let mut it = hashing();
    let version = |speaks| Refusal::Version { speaks };
    for (session, reason) in [
        (Some(Id(8)), Refusal::Full),
        (None, Refusal::Full),
        (Some(Id(8)), Refusal::CutOff),
        (Some(Id(8)), version(2)),
        (None, version(VERSION)),
        (Some(SESSION), version(VERSION)),
    ] {
        let refused = write(&ToRig::Refused { session, reason });
        assert_eq!(it.received(&refused, 0), [], "{session:?} {reason:?}");
    }
    assert_eq!((it.range(), it.task()), (Some(range(3)), Some(&task(100))));
    for (session, reason) in [(Some(SESSION), Refusal::Full), (None, version(2))] {
        let mut it = hashing();
        let refused = write(&ToRig::Refused { session, reason });
        it.received(&refused, 0);
        assert_eq!(it.waits_for(), Some(&Why::Refused(reason)));
    }
}

#[test]
fn one_forged_announcement_does_not_stop_it_for_long() {
    let mut it = hashing();
    let forged = Announcement {
        term: u64::MAX,
        ..rest(u64::MAX, 100)
    };
    it.announced(&write(&forged), 0);
    let genuine = |sequence| write(&announcement(1, 5, sequence, 100));
    assert_eq!(search(&it.announced(&genuine(2), 5 * SECOND)), None);
    let actions = it.announced(&genuine(3), 5 * SECOND + 1);
    assert_eq!(search(&actions), Some(task(100).search(range(3).start())));
    assert!(it.announced(&genuine(2), 5 * SECOND + 2).is_empty());
    it.announced(&write(&announcement(1, 5, 4, 101)), 5 * SECOND + 3);
    assert_eq!(it.task(), Some(&task(101)));
}

#[test]
fn what_is_meant_for_another_process_of_its_name_is_not_taken() {
    let mut it = hashing();
    find(&mut it, 100, 0);
    assert_eq!(
        it.received(&welcome(Id(8), 9, announcement(1, 5, 2, 100)), 0)
            .len(),
        0
    );
    let other = write(&ToRig::Answer {
        session: Id(8),
        number: 1,
        coordinator: Id(1),
        verdict: Verdict::Wrong,
    });
    assert_eq!(it.received(&other, 0), []);
    assert_eq!((it.range(), it.open_finds().count()), (Some(range(3)), 1));
}

#[test]
fn a_welcome_of_whoever_does_not_lead_is_not_taken() {
    let mut it = hashing();
    let old = welcome(SESSION, 9, announcement(2, 4, 50, 99));
    it.received(&old, 0);
    assert_eq!((it.range(), it.task()), (Some(range(3)), Some(&task(100))));
}

#[test]
fn another_version_is_told_once() {
    let mut it = hashing();
    let event = Event::OtherVersion(2);
    assert_eq!(it.announced(br#"{"v":2}"#, 0), [Action::Tell(event)]);
    assert_eq!(it.announced(br#"{"v":2}"#, 0), []);
    assert_eq!(it.announced(b"garbage", 0), []);
    assert!(it.task().is_some(), "and it goes on");
}

#[test]
fn many_devices_fit_into_a_beat() {
    let mut it = hashing();
    let device = Device {
        name: Text::new("cuda"),
        rate: 2.0,
        nonces: 3,
        fault: None,
    };
    it.devices(vec![device; 100]);
    let beat = beats(&it.tick(5 * SECOND)).pop().expect("a beat");
    assert_eq!(beat.devices.len(), MOST_DEVICES);
    let last = beat.devices.last().expect("one");
    assert_eq!((last.name.as_str(), last.nonces), ("37 more", 111));
    let rate: f64 = beat.devices.iter().map(|it| it.rate).sum();
    assert!((rate - 200.0).abs() < 1e-9);
}

#[test]
fn whatever_devices_say_a_beat_can_be_read() {
    let mut it = hashing();
    // The longest that JSON makes of a hundred characters.
    let long = Text::new(&"\u{1}".repeat(100));
    let device = |rate| Device {
        name: long.clone(),
        rate,
        nonces: u64::MAX,
        fault: Some(long.clone()),
    };
    let rates = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -1.0, 1e300, 5.0];
    it.devices(rates.into_iter().cycle().take(64).map(device).collect());
    let actions = it.tick(5 * SECOND);
    let bytes = actions.iter().find_map(|action| match action {
        Action::Send(bytes) => Some(bytes.len()),
        _ => None,
    });
    assert!(bytes.is_some_and(|len| (LONGEST / 2..=LONGEST).contains(&len)));
    let beat = beats(&actions).pop().expect("a beat");
    let rates = beat.devices.iter().take(6).map(|it| it.rate.to_string());
    let most = 1e18_f64.to_string();
    let expected = ["0", &most, "0", "0", &most, "5"];
    assert_eq!(rates.collect::<Vec<_>>(), expected);
    let last = beat.devices.last().expect("one");
    let count = beat.devices.len();
    assert_eq!(last.name.as_str(), format!("{} more", 65 - count));
    assert!((last.rate - 1e18).abs() < 1.0);
    assert_eq!(last.nonces, u64::MAX);
}

#[test]
fn it_says_goodbye() {
    let message = read::<FromRig>(&new().bye());
    assert_eq!(message, Ok(FromRig::Bye { session: SESSION }));
}
