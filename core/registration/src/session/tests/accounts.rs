//! Sessions that share an account, and with it its nonces.

use super::*;

/// Whether what was signed may use `nonce` at the newest block.
fn claims(play: &Play, nonce: u32) -> bool {
    play.session.claims(nonce, play.head.number)
}

#[test]
fn a_submission_claims_its_nonce_until_its_window_is_over() {
    let mut play = Play::v1();
    play.state.account.nonce = 7;
    play.block();
    assert_eq!(play.session.next_nonce(), Some((100, 7)));
    assert!(!claims(&play, 7), "a search signs nothing");
    assert!(sent(&play.find(1)).is_some());
    assert!(claims(&play, 7));
    assert!(!claims(&play, 8), "the one after is free");
    for _ in 0..5 {
        play.block();
        assert!(claims(&play, 7));
    }
    play.block();
    assert!(!claims(&play, 7), "no block may take it any more");
}

/// The news of a block may come before the block itself, and whoever asks has not seen it yet.
#[test]
fn a_session_that_is_over_claims_its_nonce_all_the_same() {
    for outcome in [
        registered(5),
        Outcome::Failed(DispatchRefusal::plain("Whatever".to_owned())),
    ] {
        let mut play = Play::v1();
        play.state.account.nonce = 7;
        play.block();
        play.find(1);
        play.included(outcome);
        play.progress(Progress::Finalized);
        assert!(claims(&play, 7));
    }
}

/// A pool may refuse a payload because its nonce is behind by a block: another one with it fares no better.
#[test]
fn what_the_pool_refused_claims_its_nonce_until_the_block_after() {
    let mut play = Play::v1();
    play.state.account.nonce = 7;
    play.block();
    play.find(1);
    play.progress(Progress::Refused(PoolRefusal::Outdated));
    assert!(claims(&play, 7));
    play.full(true);
    play.block();
    assert!(!claims(&play, 7), "nobody has it");
    play.full(false);
    assert!(sent(&play.block()).is_some(), "it gets a second try");
    assert!(claims(&play, 7));
}

#[test]
fn what_was_lost_may_still_be_in_a_pool() {
    let mut play = Play::v1();
    play.state.account.nonce = 7;
    play.block();
    play.find(1);
    play.full(true);
    play.progress(Progress::Lost("reset".to_owned()));
    play.block();
    assert_eq!(play.session.submitted(), None, "it is to be sent again");
    assert!(claims(&play, 7));
}

#[test]
fn nothing_is_signed_while_the_account_is_busy() {
    let mut play = Play::v1();
    play.block();
    assert_eq!(play.session.account_busy(true), []);
    assert_eq!(play.find(1), []);
    assert_eq!(play.session.phase(), Phase::Held);
    play.block();
    assert_eq!(play.session.sent(), 0);
    assert_eq!(play.session.account_busy(true), [], "still");
    play.state.account.nonce = 8;
    assert_eq!(sent(&play.block()), None);
    let submission = sent(&play.session.account_busy(false)).expect("it is free");
    assert_eq!(submission.payload.nonce(), 8, "the newest");
    assert_eq!(submission.work.proof.work_block, 100);
}

/// The user is told that the block is full, whatever else was in the way before.
#[test]
fn a_full_block_is_told_after_a_busy_account() {
    let mut play = Play::v1();
    play.block();
    play.session.account_busy(true);
    play.find(1);
    play.full(true);
    play.block();
    let told_twice = told(&play.session.account_busy(false));
    assert_eq!(told_twice, [], "once is enough");
    play.full(false);
    play.session.account_busy(true);
    play.block();
    play.full(true);
    assert_eq!(told(&play.block()), [Event::HeldBack { block: 103 }]);
}

#[test]
fn an_account_that_was_free_all_along_changes_nothing() {
    let mut play = Play::v1();
    play.block();
    assert_eq!(play.session.account_busy(false), []);
    assert!(sent(&play.find(1)).is_some());
}
