mod finds;
mod hostile;
mod lead;

use btpow_core::{PublicKey, Solution};

use super::*;
use crate::{
    Range,
    message::{Device, Lost, Verdict, write},
    worker::BEAT,
};

const SECOND: Micros = 1_000_000;

const ASKED: Asked = Asked::V1 {
    netuid: 1,
    hotkey: PublicKey([2; 32]),
    coldkey: PublicKey([3; 32]),
};

fn name(name: &str) -> RigName {
    name.parse().expect("a name")
}

fn settings(id: u64, term: u64) -> Settings {
    Settings {
        id: Id(id),
        term,
        is_standby: false,
        goals: vec![ASKED],
        program: Text::new("btpow"),
        patience_s: 60,
        most_rigs: 100,
    }
}

/// One that has seen no block, and has listened for long enough.
fn new(id: u64, term: u64) -> Coordinator {
    with(settings(id, term)).0
}

/// The same of any kind, with what it asks for first.
fn with(settings: Settings) -> (Coordinator, Vec<Action>) {
    let (mut it, actions) = Coordinator::new(settings, 0);
    it.listened();
    (it, actions)
}

fn task(block: u8, difficulty: u64) -> Task {
    let difficulty = Difficulty::new(difficulty).expect("not zero");
    Task::new(ASKED, (block.into(), [block; 32]), difficulty).expect("no root")
}

/// A coordinator that has had a challenge announced: block 100, difficulty 16.
fn searching() -> Coordinator {
    let mut it = new(1, 5);
    at_block(&mut it, 100);
    it
}

fn at_block(it: &mut Coordinator, block: u8) {
    it.head(block.into(), 0);
    it.search(task(block, 16), 0);
}

/// Nonces that win at this difficulty, lowest first.
fn winning(task: &Task, difficulty: u64) -> impl Iterator<Item = u64> {
    let target = Difficulty::new(difficulty).expect("not zero").target();
    let challenge = task.challenge();
    (0..).filter(move |&nonce| Solution::verify(&challenge, &target, nonce).is_ok())
}

fn losing(task: &Task) -> impl Iterator<Item = u64> {
    let (challenge, target) = (task.challenge(), task.difficulty().target());
    (0..).filter(move |&nonce| Solution::verify(&challenge, &target, nonce).is_err())
}

/// What a name is told.
const fn refusal(reason: Refusal) -> ToRig {
    let session = None;
    ToRig::Refused { session, reason }
}

fn beat(session: u64, range: Option<Range>) -> Vec<u8> {
    beat_after(5, session, range)
}

/// After so many nonces.
fn beat_after(nonces: u64, session: u64, range: Option<Range>) -> Vec<u8> {
    write(&FromRig::Beat(Beat {
        session: Id(session),
        program: Text::new("btpow"),
        range,
        block: None,
        lost: Lost::default(),
        devices: vec![Device {
            name: Text::new("cpu:0"),
            rate: 1e6,
            nonces,
            fault: None,
        }],
    }))
}

fn find(task: Task, nonce: u64) -> Vec<u8> {
    write(&FromRig::Find(Find {
        session: Id(1),
        number: 1,
        task,
        nonce,
    }))
}

fn sent(actions: &[Action]) -> Vec<ToRig> {
    let sent = actions.iter().filter_map(|action| match action {
        Action::Send(_, bytes) => Some(read(bytes).expect("a message")),
        _ => None,
    });
    sent.collect()
}

fn announced(actions: &[Action]) -> Option<Announcement> {
    actions.iter().find_map(|action| match action {
        Action::Announce(bytes) => Some(read(bytes).expect("a message")),
        _ => None,
    })
}

fn range(actions: &[Action]) -> Option<Range> {
    sent(actions).into_iter().find_map(|message| match message {
        ToRig::Welcome { range, .. } => Some(range),
        _ => None,
    })
}

fn verdict(actions: &[Action]) -> Option<Verdict> {
    sent(actions).into_iter().find_map(|message| match message {
        ToRig::Answer { verdict, .. } => Some(verdict),
        _ => None,
    })
}

fn found(actions: &[Action]) -> Option<&Found> {
    actions.iter().find_map(|action| match action {
        Action::Found(found) => Some(found),
        _ => None,
    })
}

fn told(actions: &[Action]) -> Vec<Event> {
    let told = actions.iter().filter_map(|action| match action {
        Action::Tell(event) => Some(event.clone()),
        _ => None,
    });
    told.collect()
}

#[test]
fn each_session_of_a_rig_gets_a_range_of_its_own() {
    let mut it = searching();
    let (a, b) = (name("a"), name("b"));
    let first = it.received(&a, &beat(1, None), 0);
    let ranges = [
        range(&first),
        range(&it.received(&b, &beat(1, None), 0)),
        range(&it.received(&a, &beat(2, None), 0)),
    ];
    assert_eq!(
        ranges.map(|it| it.map(Range::number)),
        [Some(1), Some(2), Some(3)]
    );
    assert_eq!(
        told(&first),
        [Event::Joined(a.clone().into(), Range::FIRST)]
    );
    // With it comes what to do now.
    let Some(ToRig::Welcome { announcement, .. }) = sent(&first).pop() else {
        panic!("{first:?}");
    };
    let Order::Search { task: told, .. } = announcement.order else {
        panic!("{announcement:?}");
    };
    assert_eq!(told, task(100, 16));
    // Asked again, as the answer was lost: the same range. Told the right one: nothing to say.
    assert_eq!(range(&it.received(&a, &beat(1, None), 0)), ranges[0]);
    assert_eq!(it.received(&a, &beat(1, ranges[0]), 0), []);
    assert_eq!(it.rigs(), 3);
    assert!((it.rate() - 3e6).abs() < 1.0);
}

#[test]
fn what_rigs_hash_is_counted_since_they_are_known() {
    let mut it = searching();
    let (a, b) = (name("a"), name("b"));
    it.received(&a, &beat_after(1_000, 1, None), 0);
    assert_eq!(it.nonces(), 0, "that was for somebody else");
    it.received(&a, &beat_after(1_300, 1, None), 0);
    it.received(&b, &beat_after(0, 1, None), 0);
    it.received(&b, &beat_after(50, 1, None), 0);
    assert_eq!(it.nonces(), 350);
    // Nothing is counted twice, whatever came late or not at all.
    it.received(&a, &beat_after(1_200, 1, None), 0);
    it.received(&a, &beat_after(1_300, 1, None), 0);
    let session = Id(1);
    it.received(&a, &write(&FromRig::Bye { session }), 0);
    assert_eq!(it.nonces(), 350);
    // At a rate of a million in a second there were not more.
    it.received(&b, &beat_after(u64::MAX, 1, None), 5 * SECOND);
    assert_eq!(it.nonces(), 350 + 20_000_000);
}

#[test]
fn what_a_rig_lost_counts_since_it_is_known() {
    let mut it = searching();
    let mut lost = |resting_s: f64| {
        let beat = Beat {
            session: Id(1),
            program: Text::new("btpow"),
            range: None,
            block: None,
            lost: Lost {
                resting_s,
                ..Lost::default()
            },
            devices: Vec::new(),
        };
        it.received(&name("a"), &write(&FromRig::Beat(beat)), 0);
        it.status(0).rigs[0].lost.resting_s
    };
    assert_eq!([lost(90.0), lost(93.5), lost(1.0)], [0.0, 3.5, 0.0]);
}

#[test]
fn no_rigs_have_no_rate_below_zero() {
    let rate = searching().status(0).rate;
    assert!(rate.is_sign_positive(), "{rate}");
}

#[test]
fn what_rigs_hash_for_another_coordinator_is_not_counted() {
    let mut it = searching();
    let a = name("a");
    it.received(&a, &beat_after(1_000, 1, None), 0);
    it.overheard(&lead::other(9, 500), 0);
    it.received(&a, &beat_after(5_000, 1, None), 0);
    assert_eq!(it.nonces(), 0);
    // Nor later, once it leads.
    it.tick(5 * SECOND);
    assert!(it.leads());
    it.received(&a, &beat_after(5_300, 1, None), 5 * SECOND);
    assert_eq!(it.nonces(), 300);
}

#[test]
fn what_comes_and_falls_silent_again_and_again_is_told_of_now_and_then() {
    let mut it = searching();
    let a = name("a");
    let mut count = 0;
    for round in 0..20 {
        let now = 4 * BEAT * round;
        count += told(&it.received(&a, &beat(round, None), now)).len();
        count += told(&it.tick(now + 3 * BEAT + SECOND)).len();
    }
    assert_eq!(it.status(0).progress.lost, 20);
    // In 400 seconds: eight at once, and one in a minute.
    assert_eq!(count, 8 + 6);
}

#[test]
fn a_coordinator_that_starts_again_leaves_rigs_their_ranges() {
    let mut it = searching();
    let nine = Range::try_from(9).ok();
    assert_eq!(
        it.received(&name("a"), &beat(1, nine), 0).len(),
        1,
        "it is told of"
    );
    // Somebody else says that it is theirs.
    let other = it.received(&name("b"), &beat(2, nine), 0);
    assert_eq!(range(&other).map(Range::number), Some(1));
}

#[test]
fn a_flood_is_dropped_before_it_is_read() {
    let mut it = searching();
    let (flooder, task) = (name("flooder"), task(100, 16));
    let answers = |it: &mut Coordinator, now| {
        let answered = (0..1_000).filter(|_| {
            let actions = it.received(&flooder, &find(task, 0), now);
            !actions.is_empty()
        });
        answered.count()
    };
    assert_eq!(answers(&mut it, 0), 64);
    assert_eq!(answers(&mut it, SECOND), 32);
    assert_eq!(it.status(SECOND).progress.flooded, 1_000 - 64 + 1_000 - 32);
    // Others are not disturbed.
    let joined = it.received(&name("a"), &beat(1, None), SECOND);
    assert!(range(&joined).is_some());
}

#[test]
fn a_rig_of_another_version_is_told_so_and_named_once() {
    let mut it = searching();
    let old = name("old");
    let first = it.received(&old, br#"{"v":0,"hello":1}"#, 0);
    let reason = Refusal::Version { speaks: 1 };
    assert_eq!(sent(&first), [refusal(reason)]);
    assert_eq!(told(&first), [Event::OtherVersion(old.clone(), 0)]);
    let again = it.received(&old, br#"{"v":0,"hello":1}"#, 0);
    assert_eq!(told(&again), []);
    let third = it.received(&old, br#"{"v":0,"hello":1}"#, 0);
    assert_eq!(third, [], "nor is it told as often as it asks");
    assert_eq!(it.received(&old, b"garbage", 0), []);
    assert_eq!(it.status(0).progress.unreadable, 4);
}

#[test]
fn there_is_no_room_for_more_rigs_than_it_takes() {
    let mut settings = settings(1, 5);
    settings.most_rigs = 1;
    let (mut it, _) = with(settings);
    at_block(&mut it, 100);
    assert!(range(&it.received(&name("a"), &beat(1, None), 0)).is_some());
    let second = it.received(&name("b"), &beat(1, None), 0);
    let full = ToRig::Refused {
        session: Some(Id(1)),
        reason: Refusal::Full,
    };
    assert_eq!(sent(&second), [full]);
    assert_eq!(told(&second), [Event::Full(name("b"))]);
    // When one has left there is.
    let session = Id(1);
    let left = it.received(&name("a"), &write(&FromRig::Bye { session }), 0);
    assert_eq!(told(&left), [Event::Left(name("a").into())]);
    assert!(range(&it.received(&name("b"), &beat(1, None), SECOND)).is_some());
}

#[test]
fn a_rig_that_falls_silent_is_lost_and_gets_another_range() {
    let mut it = searching();
    let a = name("a");
    let first = range(&it.received(&a, &beat(1, None), 0));
    assert_eq!(told(&it.tick(3 * BEAT)), []);
    assert_eq!(
        told(&it.tick(3 * BEAT + SECOND)),
        [Event::Lost(a.clone().into())]
    );
    assert_eq!((it.rigs(), it.status(0).progress.lost), (0, 1));
    let second = range(&it.received(&a, &beat(2, None), 4 * BEAT));
    assert!(second.is_some() && second != first);
}

#[test]
fn rigs_of_one_name_are_told_from_each_other_while_both_are_there() {
    let mut it = searching();
    let a = name("a");
    let joined = |it: &mut Coordinator, session, now| {
        let events = told(&it.received(&a, &beat(session, None), now));
        let [Event::Joined(rig, range)] = events.as_slice() else {
            panic!("{events:?}");
        };
        (rig.clone(), *range)
    };
    let (first, of_first) = joined(&mut it, 1, 0);
    assert_eq!(first.to_string(), "a");
    let (second, of_second) = joined(&mut it, 2, BEAT);
    assert_eq!(second.to_string(), format!("a:{}", of_second.number()));
    let lost = told(&it.tick(3 * BEAT + SECOND));
    let first = Which {
        name: a.clone(),
        range: Some(of_first),
    };
    assert_eq!(lost, [Event::Lost(first)]);
    let bye = write(&FromRig::Bye { session: Id(2) });
    let left = told(&it.received(&a, &bye, 3 * BEAT + SECOND));
    assert_eq!(left, [Event::Left(a.clone().into())]);
}

#[test]
fn what_was_announced_is_repeated_every_second() {
    let mut it = searching();
    assert_eq!(it.next_tick(), SECOND.min(it.next_sweep));
    let first = announced(&it.tick(SECOND)).expect("an announcement");
    assert_eq!(announced(&it.tick(SECOND + 1)), None);
    let second = announced(&it.tick(2 * SECOND)).expect("an announcement");
    assert_eq!(second.order, first.order);
    assert_eq!((second.sequence, second.term), (first.sequence + 1, 5));
    let rest = announced(&it.rest("closed", 2 * SECOND)).expect("at once");
    let reason = Text::new("closed");
    assert_eq!((rest.order, rest.head), (Order::Rest { reason }, 100));
    assert_eq!(it.rest("closed", 2 * SECOND), [], "known already");
}
