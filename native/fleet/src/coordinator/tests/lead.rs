//! Which of several coordinators leads.

use super::*;

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
