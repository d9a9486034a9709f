//! When nothing goes wrong but time passes and others are fast.

use super::*;

#[test]
fn the_straight_way() {
    let mut play = Play::v1();
    let actions = play.block();
    assert!(matches!(actions.as_slice(), [Action::Search(search)]
        if search.block_number == Some(100)));
    play.state.account.nonce = 7;
    play.block();
    let submission = sent(&play.find(1)).expect("nothing holds it back");
    let Submission { payload, work, .. } = submission;
    assert_eq!(payload.nonce(), 7);
    assert_eq!(work.proof.work_block, 101);
    assert_eq!(payload.call().proof(), work.proof);
    assert_eq!(payload.block_hash(), play.head.hash);
    assert_eq!(told(&play.progress(Progress::Waiting)), [Event::Waiting]);
    play.block();
    assert_eq!(end(&play.included(registered(5))), None);
    assert_eq!(
        end(&play.progress(Progress::Finalized)),
        Some(End::Registered {
            uid: 5,
            place: Some(place(play.head)),
            already: false
        })
    );
}

#[test]
fn one_submission_at_a_time_and_the_search_goes_on() {
    let mut play = Play::v1();
    play.block();
    assert!(sent(&play.find(1)).is_some());
    let actions = play.block();
    assert!(matches!(actions.as_slice(), [Action::Search(_)]));
    assert_eq!(sent(&play.find(1_000)), None);
}

#[test]
fn a_full_block_holds_the_proof_back() {
    let mut play = Play::v1();
    play.full(true);
    play.block();
    let actions = play.find(1);
    assert_eq!(sent(&actions), None);
    assert_eq!(told(&actions), [Event::HeldBack { block: 100 }]);
    assert_eq!(told(&play.block()), [], "once is enough");
    play.full(false);
    let submission = sent(&play.block()).expect("there is room");
    assert_eq!(submission.work.proof.work_block, 100);
}

#[test]
fn the_lowest_seal_is_sent_unless_it_is_in_its_last_block() {
    let mut play = Play::v1();
    play.full(true);
    play.block();
    play.find(100_000);
    play.block();
    play.find(10);
    play.full(false);
    let submission = sent(&play.block()).expect("there is room");
    assert_eq!(submission.work.proof.work_block, 100, "the lower one");

    let mut play = Play::v1();
    play.full(true);
    play.block();
    play.find(100_000);
    play.block();
    play.find(10);
    play.block();
    play.block();
    play.full(false);
    let submission = sent(&play.block()).expect("there is room");
    assert_eq!(
        submission.work.proof.work_block, 101,
        "the other is in its last"
    );
}

#[test]
fn a_proof_counts_until_its_window_ends() {
    for (blocks, expected) in [(4, true), (5, false)] {
        let mut play = Play::v1();
        play.full(true);
        play.block();
        play.find(1);
        for _ in 1..blocks {
            play.block();
        }
        play.full(false);
        assert_eq!(
            sent(&play.block()).is_some(),
            expected,
            "{blocks} blocks later"
        );
    }
}

#[test]
fn a_raised_difficulty_makes_a_proof_wait_not_go() {
    let mut play = Play::v1();
    play.full(true);
    play.block();
    play.find(10);
    play.full(false);
    play.subnet().difficulty = difficulty(u64::MAX);
    let actions = play.block();
    let difficulty_rose = Event::DifficultyRose {
        difficulty: difficulty(u64::MAX),
    };
    assert_eq!(told(&actions), [difficulty_rose]);
    assert_eq!(sent(&actions), None);
    play.subnet().difficulty = difficulty(10);
    assert!(sent(&play.block()).is_some(), "it fell again in time");
}

#[test]
fn a_session_says_what_it_waits_for() {
    let mut play = Play::v1();
    play.full(true);
    play.block();
    assert_eq!(play.session.phase(), Phase::Searching);
    play.find(1);
    assert_eq!(play.session.phase(), Phase::Held);
    play.full(false);
    play.block();
    assert_eq!(play.session.phase(), Phase::Submitted);
    play.block();
    play.included(registered(5));
    assert_eq!(play.session.phase(), Phase::Included);
    play.progress(Progress::Retracted);
    assert_eq!(play.session.phase(), Phase::Submitted);
}
