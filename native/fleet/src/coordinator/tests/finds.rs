//! What becomes of finds.

use super::*;

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
    assert!(sent(&third).contains(&refusal(reason)));
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
    assert_eq!(sent(&refused), [refusal(reason)]);
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
    // One that has seen no block, or has no challenge yet, does not even answer.
    let mut it = new(1, 5);
    let find_100 = find(task(100, 16), nonce);
    assert_eq!(it.received(&name("a"), &find_100, 0), []);
    it.head(100, 0);
    assert_eq!(it.received(&name("a"), &find_100, 0), []);
    it.rest("closed", 0);
    keeps(&mut it, task(100, 16));
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
fn what_reaches_the_difficulty_of_now_is_taken_though_its_block_asked_more() {
    let mut it = searching();
    let (before, now) = (task(99, 64), task(100, 16));
    it.asks(before);
    it.search(now, 0);
    // Another coordinator was told that block 99 asks 16.
    let (other, losing) = (task(99, 16), losing(&before));
    let mut nonces = losing.filter(|nonce| winning(&other, 16).take(9).any(|it| it == *nonce));
    let nonce = nonces.next().expect("one");
    let actions = it.received(&name("a"), &find(other, nonce), 0);
    assert_eq!(verdict(&actions), Some(Verdict::Taken));
    let found = found(&actions).expect("a find");
    assert_eq!(found.task.difficulty(), now.difficulty());
}

#[test]
fn a_find_for_a_goal_that_is_not_searched_for_counts() {
    let second = Asked::V1 {
        netuid: 2,
        hotkey: PublicKey([2; 32]),
        coldkey: PublicKey([3; 32]),
    };
    let goals = vec![ASKED, second];
    let (mut it, _) = with(Settings {
        goals,
        ..settings(1, 5)
    });
    at_block(&mut it, 100);
    let block = (100, [100; 32]);
    let difficulty = Difficulty::new(16).expect("not zero");
    let task = Task::new(second, block, difficulty).expect("no root");
    let nonce = winning(&task, 16).next().expect("one");
    let take = |it: &mut Coordinator| verdict(&it.received(&name("a"), &find(task, nonce), 0));
    assert_eq!(take(&mut it), Some(Verdict::Keep));
    it.asks(task);
    assert_eq!(take(&mut it), Some(Verdict::Taken));
}
