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
    assert_eq!(it.open_finds(), 1);
    let taken = it.received(&answer(1, 1, Verdict::Taken), SECOND);
    assert!(matches!(taken[..], [Action::Tell(Event::Taken { .. })]));
    assert_eq!(
        it.received(&answer(1, 1, Verdict::Taken), SECOND),
        [],
        "told once"
    );
    assert_eq!(it.open_finds(), 0);
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
    // After that it is gone for good.
    it.announced(&write(&rest(4, 113)), 3 * SECOND);
    it.announced(&write(&rest(5, 104)), 3 * SECOND);
    assert_eq!(it.open_finds(), 0);
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
    assert_eq!(it.open_finds(), 0);
    assert_eq!(it.received(&answer(99, 1, Verdict::Wrong), 0), []);
}

#[test]
fn after_a_broken_connection_everything_is_sent_at_once() {
    let mut it = hashing();
    it.tick(0);
    find(&mut it, 100, 0);
    let actions = it.connected(1);
    assert_eq!((finds(&actions), beats(&actions).len()), (vec![1], 1));
}
