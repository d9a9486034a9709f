use btpow_core::PublicKey;

use super::*;
use crate::{
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

fn new(id: u64, term: u64) -> Coordinator {
    Coordinator::new(settings(id, term), 0).0
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

fn beat(session: u64, range: Option<Range>) -> Vec<u8> {
    write(&FromRig::Beat(Beat {
        session: Id(session),
        program: Text::new("btpow"),
        range,
        block: None,
        lost: Lost::default(),
        devices: vec![Device {
            name: Text::new("cpu:0"),
            rate: 1e6,
            nonces: 5,
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
    assert_eq!(told(&first), [Event::Joined(a.clone(), Range::FIRST)]);
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
fn a_solution_is_passed_on_before_it_is_answered() {
    let mut it = searching();
    let task = task(100, 16);
    let nonce = winning(&task, 16).next().expect("one");
    let actions = it.received(&name("a"), &find(task, nonce), 0);
    assert!(matches!(actions[..], [Action::Found(_), Action::Send(..)]));
    let passed = found(&actions).expect("a find");
    assert_eq!((passed.solution.nonce(), passed.task), (nonce, task));
    assert!(passed.is_own);
    assert_eq!(verdict(&actions), Some(Verdict::Taken));
    // The answer was lost, or another one has found the same.
    let again = it.received(&name("b"), &find(task, nonce), 0);
    assert_eq!(
        (found(&again), verdict(&again)),
        (None, Some(Verdict::Known))
    );
}

#[test]
fn only_a_lower_seal_is_taken_for_the_same_block() {
    let mut it = searching();
    let task = task(100, 16);
    let (easy, hard) = (winning(&task, 16), winning(&task, 2_000));
    let (easy, hard) = (
        easy.take(2).collect::<Vec<_>>(),
        { hard }.next().expect("one"),
    );
    let mut take = |nonce| verdict(&it.received(&name("a"), &find(task, nonce), 0));
    assert_eq!(take(easy[0]), Some(Verdict::Taken));
    assert_eq!(take(hard), Some(Verdict::Taken));
    assert_eq!(take(easy[1]), Some(Verdict::Known));
}

#[test]
fn whoever_lies_three_times_is_cut_off_and_named() {
    let mut it = searching();
    let (liar, task) = (name("liar"), task(100, 16));
    it.received(&liar, &beat(1, None), 0);
    let lies: Vec<_> = losing(&task).take(3).collect();
    let lie = |it: &mut Coordinator, nonce| it.received(&liar, &find(task, nonce), 0);
    assert_eq!(verdict(&lie(&mut it, lies[0])), Some(Verdict::Wrong));
    // Its answer was lost: the same lie is no second one.
    for _ in 0..5 {
        assert_eq!(told(&lie(&mut it, lies[0])), []);
    }
    assert_eq!(told(&lie(&mut it, lies[1])), []);
    let third = lie(&mut it, lies[2]);
    assert_eq!(told(&third), [Event::CutOff(liar.clone())]);
    let reason = Refusal::CutOff;
    assert!(sent(&third).contains(&ToRig::Refused { reason }));
    // Not even a solution is taken.
    let solution = winning(&task, 16).next().expect("one");
    assert_eq!(found(&lie(&mut it, solution)), None);
    let status = it.status(0);
    assert_eq!(
        (status.cut_off, status.rigs.len()),
        (vec!["liar".to_owned()], 0)
    );
    assert_eq!(status.finds.wrong, 8);
    // Others are not disturbed.
    let taken = it.received(&name("a"), &find(task, solution), 0);
    assert_eq!(verdict(&taken), Some(Verdict::Taken));
}

#[test]
fn a_rig_that_is_cut_off_stays_so() {
    let mut it = searching();
    let (liar, task) = (name("liar"), task(100, 16));
    for nonce in losing(&task).take(3) {
        it.received(&liar, &find(task, nonce), 0);
    }
    let hour = 3_600 * SECOND;
    it.tick(hour);
    let refused = it.received(&liar, &beat(2, None), hour);
    let reason = Refusal::CutOff;
    assert_eq!(sent(&refused), [ToRig::Refused { reason }]);
    assert_eq!(it.rigs(), 0);
}

#[test]
fn what_counts_no_longer_is_late_and_no_lie() {
    let mut it = searching();
    let old = task(100, 16);
    let nonces: Vec<_> = losing(&old).take(9).collect();
    it.head(104, 0);
    let last = winning(&old, 16).next().expect("one");
    let taken = it.received(&name("a"), &find(old, last), 0);
    assert_eq!(verdict(&taken), Some(Verdict::Taken), "its last block");
    it.head(105, 0);
    for nonce in nonces {
        let late = it.received(&name("a"), &find(old, nonce), 0);
        assert_eq!(verdict(&late), Some(Verdict::Late));
        assert_eq!(told(&late), []);
    }
}

#[test]
fn a_find_for_a_coordinator_that_died_counts() {
    // It has never announced block 99.
    let mut it = searching();
    let old = task(99, 16);
    let nonce = winning(&old, 16).next().expect("one");
    let actions = it.received(&name("a"), &find(old, nonce), 0);
    let passed = found(&actions).expect("a find");
    assert!(!passed.is_own);
    assert_eq!(verdict(&actions), Some(Verdict::Taken));
    let again = it.received(&name("a"), &find(old, nonce), 0);
    assert_eq!(verdict(&again), Some(Verdict::Known));
}

#[test]
fn what_another_coordinator_announced_is_judged_by_what_is_asked_now() {
    let mut it = searching();
    // Its difficulty was lower, or so the rig says.
    let old = task(99, 1);
    for nonce in losing(&task(99, 16)).take(9) {
        let actions = it.received(&name("a"), &find(old, nonce), 0);
        assert_eq!(verdict(&actions), Some(Verdict::Keep));
        assert_eq!((found(&actions), told(&actions)), (None, vec![]));
    }
    let nonce = winning(&old, 16).next().expect("one");
    let actions = it.received(&name("a"), &find(old, nonce), 0);
    let passed = found(&actions).expect("a find");
    assert_eq!(passed.task.difficulty().get(), 16, "not the rig's word");
}

#[test]
fn what_cannot_be_judged_is_kept() {
    let nonce = winning(&task(100, 16), 16).next().expect("one");
    let keeps = |it: &mut Coordinator, task| {
        let actions = it.received(&name("a"), &find(task, nonce), 0);
        assert_eq!(verdict(&actions), Some(Verdict::Keep));
        assert_eq!(found(&actions), None);
    };
    keeps(&mut new(1, 5), task(100, 16));
    let mut blockless = new(1, 5);
    blockless.head(100, 0);
    keeps(&mut blockless, task(100, 16));
    // Keys of somebody else, and a block that is far ahead.
    let asked = Asked::V1 {
        netuid: 2,
        hotkey: PublicKey([2; 32]),
        coldkey: PublicKey([3; 32]),
    };
    let difficulty = Difficulty::new(16).expect("not zero");
    let other = Task::new(asked, (100, [100; 32]), difficulty).expect("no root");
    keeps(&mut searching(), other);
    keeps(&mut searching(), task(109, 16));
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
    assert_eq!(sent(&first), [ToRig::Refused { reason }]);
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
    let (mut it, _) = Coordinator::new(settings, 0);
    at_block(&mut it, 100);
    assert!(range(&it.received(&name("a"), &beat(1, None), 0)).is_some());
    let second = it.received(&name("b"), &beat(1, None), 0);
    let reason = Refusal::Full;
    assert_eq!(sent(&second), [ToRig::Refused { reason }]);
    assert_eq!(told(&second), [Event::Full(name("b"))]);
    // Nor for more names than that.
    assert_eq!(it.received(&name("c"), &beat(1, None), 0), []);
    assert_eq!(it.status(0).progress.flooded, 1);
    // When one has left there is.
    let session = Id(1);
    let left = it.received(&name("a"), &write(&FromRig::Bye { session }), 0);
    assert_eq!(told(&left), [Event::Left(name("a"))]);
    assert!(range(&it.received(&name("b"), &beat(1, None), SECOND)).is_some());
}

#[test]
fn a_rig_that_falls_silent_is_lost_and_gets_another_range() {
    let mut it = searching();
    let a = name("a");
    let first = range(&it.received(&a, &beat(1, None), 0));
    assert_eq!(told(&it.tick(3 * BEAT)), []);
    assert_eq!(told(&it.tick(3 * BEAT + SECOND)), [Event::Lost(a.clone())]);
    assert_eq!((it.rigs(), it.status(0).progress.lost), (0, 1));
    let second = range(&it.received(&a, &beat(2, None), 4 * BEAT));
    assert!(second.is_some() && second != first);
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

/// What a coordinator of this term announces.
fn other(id: u64, term: u64) -> Vec<u8> {
    let (_, actions) = Coordinator::new(settings(id, term), 0);
    write(&announced(&actions).expect("it leads"))
}

#[test]
fn of_two_the_one_with_the_higher_term_leads() {
    let mut it = searching();
    let lower = other(9, 4);
    assert_eq!(it.overheard(&lower, 0), [], "that one will yield");
    let yielded = it.overheard(&other(9, 5), 0);
    let to = Id(9);
    let event = Event::Yielded { to, is_same: true };
    let expected = [Action::Tell(event), Action::Hold(true)];
    assert_eq!(yielded, expected, "the same term, and a higher number");
    // It neither announces nor answers, but takes what rigs find.
    assert_eq!(it.tick(SECOND), []);
    let task = task(100, 16);
    let nonce = winning(&task, 16).next().expect("one");
    let actions = it.received(&name("a"), &find(task, nonce), 0);
    assert!(matches!(actions[..], [Action::Found(_)]), "{actions:?}");
    // The same again is no news.
    assert_eq!(it.overheard(&other(9, 5), 0), []);
    assert_eq!(it.overheard(&lower, 0), []);
}

#[test]
fn a_standby_takes_over_when_nobody_is_heard() {
    let mut standby = settings(2, 0);
    standby.is_standby = true;
    let (mut it, actions) = Coordinator::new(standby, 0);
    assert_eq!(actions, [Action::Hold(true)]);
    at_block(&mut it, 100);
    it.overheard(&other(1, 70), 3 * SECOND);
    let almost = 8 * SECOND - 1;
    assert_eq!(announced(&it.tick(almost)), None);
    assert!(!it.leads());
    let actions = it.tick(8 * SECOND);
    assert_eq!(told(&actions), [Event::TookOver]);
    assert!(actions.contains(&Action::Hold(false)));
    // Whoever has led so far yields when it is heard again.
    assert_eq!(announced(&actions).expect("at once").term, 71);
    assert!(it.leads());
}

#[test]
fn what_leads_for_other_keys_does_not_keep_it_from_signing() {
    let mut it = searching();
    let mut foreign = new(9, 50);
    let asked = Asked::V1 {
        netuid: 2,
        hotkey: PublicKey([2; 32]),
        coldkey: PublicKey([3; 32]),
    };
    let difficulty = Difficulty::new(16).expect("not zero");
    let task = Task::new(asked, (100, [100; 32]), difficulty).expect("no root");
    let bytes = write(&announced(&foreign.search(task, 0)).expect("it leads"));
    let yielded = it.overheard(&bytes, 0);
    let to = Id(9);
    let event = Event::Yielded { to, is_same: false };
    assert_eq!(yielded, [Action::Tell(event)], "and no hold");
    // Also while that one rests.
    let bytes = write(&announced(&foreign.rest("closed", 0)).expect("it leads"));
    assert_eq!(it.overheard(&bytes, 0), []);
}

#[test]
fn whoever_does_not_see_the_chain_does_not_lead() {
    let mut it = searching();
    assert_eq!(it.blind(0), [Action::Hold(true)]);
    assert_eq!(announced(&it.tick(60 * SECOND)), None);
    assert_eq!(it.blind(0), []);
    // Nobody else does.
    let actions = it.head(101, 61 * SECOND);
    assert_eq!(told(&actions), [Event::TookOver]);
    assert!(actions.contains(&Action::Hold(false)));
    // Somebody else does.
    it.blind(61 * SECOND);
    it.overheard(&other(9, 500), 70 * SECOND);
    assert_eq!(told(&it.head(102, 71 * SECOND)), []);
    assert!(!it.leads());
}

#[test]
fn its_own_words_and_garbage_mean_nothing_to_it() {
    let mut it = searching();
    let own = write(&announced(&it.tick(SECOND)).expect("it leads"));
    assert_eq!(it.overheard(&own, SECOND), []);
    assert_eq!(it.overheard(b"{}", SECOND), []);
    assert!(it.leads());
}
