//! Sessions that share an account, and with it its nonces.

use super::*;

#[test]
fn a_submission_occupies_its_account_until_a_block_is_seen_that_holds_it() {
    let mut play = Play::v1();
    assert!(!play.session.occupies_account());
    play.block();
    assert!(!play.session.occupies_account(), "a search signs nothing");
    assert!(sent(&play.find(1)).is_some());
    assert!(play.session.occupies_account());
    play.block();
    assert!(play.session.occupies_account(), "no block holds it yet");
    // The node tells of a block before the session has seen it.
    let unseen = Place {
        number: Some(play.head.number + 1),
        hash: [9; 32],
    };
    play.progress(Progress::InBlock {
        place: unseen,
        outcome: registered(5),
    });
    assert!(
        play.session.occupies_account(),
        "the nonce that it knows is still the one before"
    );
    play.block();
    assert!(!play.session.occupies_account());
    play.progress(Progress::Retracted);
    assert!(play.session.occupies_account(), "it is in no block again");
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

#[test]
fn an_account_that_was_free_all_along_changes_nothing() {
    let mut play = Play::v1();
    play.block();
    assert_eq!(play.session.account_busy(false), []);
    assert!(sent(&play.find(1)).is_some());
}

#[test]
fn a_session_that_is_over_leaves_the_account_alone() {
    let mut play = Play::v1();
    play.block();
    play.find(1);
    play.block();
    play.included(registered(5));
    assert!(end(&play.progress(Progress::Finalized)).is_some());
    assert!(!play.session.occupies_account());
}
