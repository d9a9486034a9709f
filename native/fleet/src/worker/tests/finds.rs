//! The finds that a rig keeps.

use super::*;

#[test]
fn a_find_is_sent_until_it_is_answered() {
    let mut it = hashing();
    it.tick(0);
    assert_eq!(finds(&find(&mut it, 100, 0)), [1]);
    assert_eq!(it.next_tick(), SECOND);
    assert_eq!(finds(&it.tick(SECOND - 1)), NONE);
    assert_eq!(finds(&it.tick(SECOND)), [1]);
    assert_eq!(it.open_finds().count(), 1);
    let taken = it.received(&answer(1, 1, Verdict::Taken), SECOND);
    assert!(matches!(taken[..], [Action::Tell(Event::Taken { .. })]));
    assert_eq!(
        it.received(&answer(1, 1, Verdict::Taken), SECOND),
        [],
        "told once"
    );
    assert_eq!(it.open_finds().count(), 0);
    assert_eq!(finds(&it.tick(4 * SECOND)), NONE);
}

#[test]
fn a_find_that_was_taken_is_kept_for_the_next_coordinator() {
    for verdict in [Verdict::Taken, Verdict::Known] {
        let mut it = hashing();
        find(&mut it, 100, 0);
        it.received(&answer(1, 1, verdict), 0);
        let next = write(&announcement(2, 6, 1, 101));
        assert_eq!(finds(&it.announced(&next, 2 * SECOND)), [1]);
        it.received(&answer(1, 2, verdict), 2 * SECOND);
        assert_eq!(finds(&it.tick(9 * SECOND)), NONE);
        // And for the one after it, as long as it counts.
        let third = write(&announcement(3, 7, 1, 105));
        assert_eq!(finds(&it.announced(&third, 9 * SECOND)), NONE);
    }
}

#[test]
fn only_the_lowest_find_of_a_challenge_is_kept() {
    let mut it = hashing();
    let falling = falling(100);
    assert!(falling.len() > 2);
    let challenge = task(100).challenge();
    assert_eq!(finds(&it.found(&challenge, falling[1], 0)), [1]);
    assert_eq!(
        finds(&it.found(&challenge, falling[0], 0)),
        NONE,
        "it is higher"
    );
    assert_eq!(finds(&it.found(&challenge, falling[2], 0)), [2]);
    // The answer to the one before is not an answer to this one.
    it.received(&answer(1, 1, Verdict::Taken), 0);
    assert_eq!(finds(&it.tick(SECOND)), [2]);
}

#[test]
fn a_find_of_the_challenge_before_is_sent() {
    let mut it = hashing();
    it.announced(&write(&announcement(1, 5, 2, 101)), 0);
    assert_eq!(finds(&find(&mut it, 100, 0)), [1]);
    assert_eq!(
        finds(&find(&mut it, 99, 0)),
        NONE,
        "it never searched for that"
    );
}

#[test]
fn what_counts_no_longer_is_not_sent_but_kept_for_a_while() {
    let mut it = hashing();
    find(&mut it, 100, 0);
    it.announced(&write(&announcement(1, 5, 2, 105)), 0);
    assert_eq!(finds(&it.tick(2 * SECOND)), NONE);
    // The chain goes back.
    it.announced(&write(&rest(3, 104)), 2 * SECOND);
    assert_eq!(finds(&it.tick(2 * SECOND)), NONE);
    assert_eq!(finds(&it.tick(3 * SECOND)), [1]);
    // Whatever somebody says is the newest block.
    it.announced(&write(&rest(4, u64::MAX)), 3 * SECOND);
    assert_eq!(it.open_finds().count(), 0);
    it.announced(&write(&rest(5, 104)), 3 * SECOND);
    assert_eq!(it.open_finds().count(), 1);
    // After an hour it is gone for good.
    it.tick(3_600 * SECOND);
    assert_eq!(it.open_finds().count(), 1);
    it.tick(3_600 * SECOND + 1);
    assert_eq!(it.open_finds().count(), 0);
}

#[test]
fn until_when_a_find_counts_is_not_the_senders_word() {
    let mut it = hashing();
    let mut value: serde_json::Value =
        serde_json::from_slice(&write(&announcement(1, 5, 2, 101))).expect("JSON");
    value["order"]["task"]["until"] = 0.into();
    it.announced(&serde_json::to_vec(&value).expect("JSON"), 0);
    assert_eq!(it.task().map(Task::until), Some(0));
    assert_eq!(finds(&find(&mut it, 101, 0)), [1]);
}

#[test]
fn the_oldest_find_makes_room() {
    let mut it = hashing();
    for block in 101..=165 {
        it.announced(&write(&announcement(1, 5, block.into(), block)), 0);
        find(&mut it, block, block.into());
    }
    let next = write(&Announcement {
        head: 101,
        ..announcement(2, 6, 1, 165)
    });
    let sent = finds(&it.announced(&next, 2 * SECOND));
    assert_eq!(sent, (2..=65).collect::<Vec<_>>());
}

#[test]
fn a_find_is_sent_with_the_difficulty_that_it_reaches() {
    let mut it = hashing();
    let challenge = task(100).challenge();
    // Another coordinator asks more for the same block, while the devices report what they found before.
    let harder = Difficulty::new(u64::MAX).expect("not zero");
    let harder = Task::new(task(100).asked(), task(100).block(), harder).expect("no root");
    it.at(range(3).start().after(500));
    let bytes = write(&Announcement {
        order: Order::Search {
            patience_s: 60,
            task: harder,
        },
        ..announcement(1, 5, 2, 100)
    });
    let actions = it.announced(&bytes, 0);
    let expected = harder.search(range(3).start().after(500));
    assert_eq!(search(&actions), Some(expected), "where it was");
    let actions = it.found(&challenge, falling(100)[0], 0);
    let named = sent(&actions)
        .into_iter()
        .find_map(|message| match message {
            FromRig::Find(find) => Some(find.task.difficulty()),
            _ => None,
        });
    assert_eq!(named, Some(task(100).difficulty()));
}

#[test]
fn a_find_that_does_not_count_now_waits_for_another_challenge() {
    for verdict in [Verdict::Keep, Verdict::Late] {
        let mut it = hashing();
        find(&mut it, 100, 0);
        it.received(&answer(1, 1, verdict), 0);
        assert_eq!(finds(&it.tick(5 * SECOND - 1)), NONE);
        let next = write(&announcement(1, 5, 2, 101));
        assert_eq!(finds(&it.announced(&next, 5 * SECOND - 1)), [1]);
    }
}

#[test]
fn a_find_that_is_not_believed_is_told() {
    let mut it = hashing();
    find(&mut it, 100, 0);
    let actions = it.received(&answer(1, 1, Verdict::Wrong), 0);
    assert!(matches!(
        actions[..],
        [Action::Tell(Event::Disbelieved { .. })]
    ));
    assert_eq!(it.open_finds().count(), 0);
    assert_eq!(it.received(&answer(99, 1, Verdict::Wrong), 0), []);
    // Another coordinator may believe it.
    let next = write(&announcement(2, 6, 1, 101));
    assert_eq!(finds(&it.announced(&next, 0)), [1]);
}

#[test]
fn after_a_broken_connection_everything_is_sent_at_once() {
    let mut it = hashing();
    it.tick(0);
    find(&mut it, 100, 0);
    let actions = it.connected(1);
    assert_eq!((finds(&actions), beats(&actions).len()), (vec![1], 1));
}
