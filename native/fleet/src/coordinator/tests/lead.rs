//! Which of several coordinators leads.

use super::*;

/// What a coordinator of this term announces.
pub(super) fn other(id: u64, term: u64) -> Vec<u8> {
    let mut it = new(id, term);
    it.head(100, 0);
    write(&announced(&it.rest("closed", 0)).expect("it leads"))
}

/// A challenge of block 100 for these keys.
fn for_keys(hotkey: u8, coldkey: u8) -> Task {
    let asked = Asked::V1 {
        netuid: 1,
        hotkey: PublicKey([hotkey; 32]),
        coldkey: PublicKey([coldkey; 32]),
    };
    let difficulty = Difficulty::new(16).expect("not zero");
    Task::new(asked, (100, [100; 32]), difficulty).expect("no root")
}

/// Another coordinator of a higher term, and what it announces.
fn searching_for(task: Task) -> (Coordinator, Vec<u8>) {
    let mut foreign = new(9, 50);
    foreign.head(100, 0);
    let bytes = write(&announced(&foreign.search(task, 0)).expect("it leads"));
    (foreign, bytes)
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
fn a_standby_need_not_miss_whoever_says_that_it_ends() {
    let mut standby = settings(2, 0);
    standby.is_standby = true;
    let (mut it, _) = Coordinator::new(standby, 0);
    at_block(&mut it, 100);
    let mut first = new(1, 70);
    first.head(100, 0);
    let leads = write(&announced(&first.rest("closed", 0)).expect("it leads"));
    let last = announced(&first.end("done", 0)).expect("it leads");
    assert!(last.ends);
    it.overheard(&leads, 10 * SECOND);
    // Not the one that leads: it had been heard before.
    let mut stray = new(1, 60);
    stray.head(100, 0);
    stray.rest("closed", 0);
    let stray = write(&announced(&stray.end("done", 0)).expect("it leads"));
    it.overheard(&stray, 11 * SECOND);
    assert_eq!(it.follows(), Some(Id(1)));
    assert_eq!(it.overheard(&write(&last), 11 * SECOND), []);
    assert_eq!(it.follows(), None);
    // It listens once more: others may have heard it, too.
    assert_eq!(told(&it.tick(11 * SECOND + LISTEN - 1)), []);
    let actions = it.tick(11 * SECOND + LISTEN);
    assert_eq!(told(&actions), [Event::TookOver]);
    assert_eq!(announced(&actions).expect("at once").term, 71);
    // Whoever leads goes on, whoever else ends.
    let mut higher = new(9, 500);
    higher.head(100, 0);
    higher.rest("closed", 0);
    let end = write(&announced(&higher.end("done", 0)).expect("it leads"));
    assert_eq!(it.overheard(&end, 13 * SECOND), []);
    assert!(it.leads());
}

#[test]
fn whoever_starts_listens_first() {
    // A clock that is ahead: its term is the highest.
    let (mut it, _) = Coordinator::new(settings(2, 1_000), SECOND);
    at_block(&mut it, 100);
    let almost = SECOND + LISTEN - 1;
    it.tick(almost);
    assert!(!it.leads());
    assert_eq!(it.next_tick(), SECOND + LISTEN);
    it.tick(SECOND + LISTEN);
    assert!(it.leads());
    // One that is heard has nothing to say that is not known by then.
    let (mut it, _) = Coordinator::new(settings(2, 1_000), SECOND);
    it.overheard(&other(1, 999), SECOND);
    at_block(&mut it, 100);
    it.tick(SECOND);
    assert!(it.leads());
}

#[test]
fn without_a_server_nobody_takes_over() {
    let mut it = searching();
    it.overheard(&other(9, 500), 0);
    it.deaf();
    assert_eq!(told(&it.tick(60 * SECOND)), []);
    it.head(101, 60 * SECOND);
    assert_eq!(told(&it.search(task(101, 16), 60 * SECOND)), []);
    // Silence counts since it is back.
    it.hears(60 * SECOND);
    it.server_spoke(64 * SECOND);
    assert_eq!(told(&it.tick(65 * SECOND - 1)), []);
    assert_eq!(told(&it.tick(65 * SECOND)), [Event::TookOver]);
}

#[test]
fn whoever_leads_goes_on_without_a_server() {
    let mut it = searching();
    it.deaf();
    assert!(it.leads());
    assert!(announced(&it.tick(60 * SECOND)).is_some());
    // Once it does not see the chain either it has to hear whether somebody else leads now.
    it.blind(60 * SECOND);
    at_block(&mut it, 101);
    assert_eq!(told(&it.tick(90 * SECOND)), []);
    assert!(!it.leads());
}

#[test]
fn a_connection_that_may_be_dead_is_no_silence() {
    let mut it = searching();
    it.server_spoke(0);
    it.overheard(&other(9, 500), 0);
    it.server_spoke(3 * SECOND);
    assert_eq!(told(&it.tick(60 * SECOND)), []);
    // The server speaks again, and what it had to pass on is read first.
    it.server_spoke(60 * SECOND);
    it.server_spoke(60 * SECOND + 200_000);
    assert_eq!(told(&it.tick(60 * SECOND + 249_999)), []);
    assert_eq!(told(&it.tick(60 * SECOND + 250_000)), [Event::TookOver]);
}

#[test]
fn what_signs_with_another_account_does_not_keep_it_from_signing() {
    let mut it = searching();
    let (mut foreign, bytes) = searching_for(for_keys(2, 4));
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
    // Nobody else does. It leads when it knows what to say for the new block, and signs no sooner.
    assert_eq!(it.head(101, 61 * SECOND), []);
    assert_eq!(it.tick(61 * SECOND), []);
    let actions = it.search(task(101, 16), 61 * SECOND);
    let Order::Search { task: told_of, .. } = announced(&actions).expect("at once").order else {
        panic!("{actions:?}");
    };
    assert_eq!(told_of, task(101, 16));
    assert_eq!(told(&actions), [Event::TookOver]);
    assert!(actions.contains(&Action::Hold(false)));
    // Somebody else does.
    it.blind(61 * SECOND);
    it.overheard(&other(9, 500), 70 * SECOND);
    it.head(102, 71 * SECOND);
    assert_eq!(told(&it.search(task(102, 16), 71 * SECOND)), []);
    assert!(!it.leads());
}

#[test]
fn what_was_said_for_a_block_before_holds_if_the_next_one_changes_nothing() {
    let mut it = searching();
    it.rest("closed", 0);
    it.blind(0);
    assert_eq!(it.head(101, 60 * SECOND), []);
    let actions = it.head(102, 72 * SECOND);
    assert_eq!(told(&actions), [Event::TookOver]);
    let reason = Text::new("closed");
    let order = announced(&actions).map(|it| it.order);
    assert_eq!(order, Some(Order::Rest { reason }));
}

#[test]
fn whoever_starts_says_nothing_until_it_knows_what_to_say() {
    for is_standby in [false, true] {
        let mut settings = settings(2, 1_000);
        settings.is_standby = is_standby;
        let (mut it, actions) = Coordinator::new(settings, 0);
        assert_eq!(actions, [Action::Hold(true)]);
        assert_eq!(it.tick(60 * SECOND), []);
        assert_eq!(it.rest("the chain is down", 60 * SECOND), []);
        assert_eq!(it.head(100, 61 * SECOND), []);
        assert_eq!(it.tick(70 * SECOND), []);
        assert!(!it.leads());
        let actions = it.search(task(100, 16), 71 * SECOND);
        assert!(matches!(
            announced(&actions).map(|it| it.order),
            Some(Order::Search { .. })
        ));
        assert!(actions.contains(&Action::Hold(false)));
        let term = announced(&actions).map(|it| it.term);
        assert_eq!(term, Some(1_000 + u64::from(is_standby)));
    }
}

#[test]
fn whoever_starts_leads_at_once_unless_one_of_a_higher_term_does() {
    for (term, leads) in [(999, true), (1_001, false)] {
        let mut it = new(2, 1_000);
        it.overheard(&other(1, term), 0);
        at_block(&mut it, 100);
        assert_eq!(it.leads(), leads, "{term}");
    }
}

#[test]
fn two_that_sign_with_one_account_do_not_sign_at_once() {
    let mut it = searching();
    // Another hotkey, and the same coldkey.
    let (mut foreign, bytes) = searching_for(for_keys(7, 3));
    let yielded = it.overheard(&bytes, 0);
    assert!(yielded.contains(&Action::Hold(true)), "{yielded:?}");
    // Its other goal has another account: this one does not sign in between.
    let bytes = write(&announced(&foreign.search(for_keys(7, 4), 0)).expect("it leads"));
    assert_eq!(it.overheard(&bytes, 0), []);
    let (_, bytes) = searching_for(for_keys(7, 4));
    assert_eq!(it.overheard(&bytes, 0), []);
}

#[test]
fn an_account_that_is_not_known_may_be_the_same() {
    let mut it = searching();
    let asked = Asked::Legacy {
        order: btpow_core::Order::Big,
        key: PublicKey([8; 32]),
    };
    let difficulty = Difficulty::new(16).expect("not zero");
    let task = Task::new(asked, (100, [100; 32]), difficulty).expect("no root");
    let (_, bytes) = searching_for(task);
    assert!(it.overheard(&bytes, 0).contains(&Action::Hold(true)));
}

#[test]
fn whoever_speaks_in_its_name_is_told_of() {
    let mut it = searching();
    let own = announced(&it.tick(SECOND)).expect("it leads");
    for sequence in [own.sequence + 1, u64::MAX] {
        let forged = write(&Announcement {
            sequence,
            ..own.clone()
        });
        let actions = it.overheard(&forged, SECOND);
        let expected = if sequence == u64::MAX {
            vec![]
        } else {
            vec![Action::Tell(Event::Impersonated)]
        };
        assert_eq!(actions, expected, "once");
    }
    assert!(it.leads());
}

#[test]
fn its_own_words_and_garbage_mean_nothing_to_it() {
    let mut it = searching();
    let own = write(&announced(&it.tick(SECOND)).expect("it leads"));
    assert_eq!(it.overheard(&own, SECOND), []);
    assert_eq!(it.overheard(b"{}", SECOND), []);
    assert!(it.leads());
}

#[test]
fn whoever_ends_does_not_take_over_only_to_say_so() {
    let mut it = new(1, 5);
    it.head(100, 0);
    assert_eq!(it.end("done", 0), []);
    assert!(!it.leads());
    let mut leader = searching();
    let last = announced(&leader.end("done", 0)).expect("rigs are told");
    let reason = Text::new("done");
    assert_eq!(last.order, Order::Rest { reason });
}
