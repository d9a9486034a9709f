//! When it goes wrong: refusals, failures, lost sight, forks, upgrades.

use super::*;
use crate::Refusal;

#[test]
fn a_refusal_without_a_reason_waits_for_the_next_block() {
    let mut play = Play::v1();
    play.block();
    play.find(1);
    let refusal = Progress::Refused(PoolRefusal::Custom(255));
    let actions = play.progress(refusal.clone());
    assert_eq!((sent(&actions), end(&actions)), (None, None));
    // The block that came meanwhile was full: that explains it, and costs no attempt.
    play.full(true);
    assert_eq!(sent(&play.block()), None);
    play.full(false);
    assert!(sent(&play.block()).is_some());
    // Nothing explains it: two attempts are all that there are.
    play.progress(refusal.clone());
    let actions = play.block();
    let attempts = Some(Attempts { failed: 1, most: 2 });
    let setback = Setback::Refused(PoolRefusal::Custom(255));
    assert!(
        told(&actions).contains(&Event::Failed { setback, attempts }),
        "{actions:?}"
    );
    assert!(sent(&actions).is_some(), "once more");
    play.progress(refusal);
    assert!(matches!(
        end(&play.block()),
        Some(End::Exhausted {
            limit: Limit::Attempts(2),
            ..
        })
    ));
}

#[test]
fn a_submission_out_of_sight_is_read_from_the_chain_first() {
    // It arrived.
    let mut play = Play::v1();
    play.block();
    play.find(1);
    assert_eq!(sent(&play.progress(lost())), None);
    play.owned(3, COLDKEY);
    assert_eq!(
        end(&play.block()),
        Some(End::Registered {
            uid: 3,
            place: None,
            already: false
        })
    );
    // It did not: the same is sent with the same nonce.
    let mut play = Play::v1();
    play.block();
    let first = sent(&play.find(1)).expect("sent");
    play.progress(lost());
    let second = sent(&play.block()).expect("sent once more");
    assert_eq!(first.payload, second.payload);
    // It arrived and failed: the nonce is used.
    play.progress(lost());
    play.state.account.nonce = 1;
    let actions = play.block();
    assert!(fails(&actions, &Setback::FailedInBlock), "{actions:?}");
}

/// It had arrived, was sent once more, and the block that holds it was told before the pool refused that.
#[test]
fn a_refusal_of_what_is_in_a_block_already_is_a_success() {
    let mut play = Play::v1();
    play.block();
    play.find(1);
    play.progress(lost());
    assert!(sent(&play.block()).is_some(), "once more");
    play.state.account.nonce = 1;
    play.owned(3, COLDKEY);
    assert_eq!(end(&play.block()), None, "somebody watches it");
    let ended = end(&play.progress(Progress::Refused(PoolRefusal::Outdated)));
    assert!(matches!(
        ended,
        Some(End::Registered {
            uid: 3,
            already: false,
            ..
        })
    ));
}

/// The same, where the block is seen only after the refusal: also the last attempt waits for it.
#[test]
fn a_resend_that_comes_to_nothing_waits_for_the_next_block() {
    let refused = PoolRefusal::Outdated;
    for news in [Progress::Refused(refused), Progress::Gone(Gone::Invalid)] {
        for registered in [true, false] {
            let mut play = Play::v1();
            play.session.settings.policy = Policy::Send {
                attempts: 1,
                signatures: 10,
            };
            play.block();
            play.find(1);
            play.progress(lost());
            assert!(sent(&play.block()).is_some(), "once more");
            assert_eq!(end(&play.progress(news.clone())), None);
            play.state.account.nonce = 1;
            if registered {
                play.owned(3, COLDKEY);
            }
            match end(&play.block()) {
                Some(End::Registered { uid: 3, .. }) => assert!(registered),
                Some(End::Exhausted { .. }) => assert!(!registered),
                ended => panic!("{ended:?}"),
            }
        }
    }
}

/// While nobody tells of the submission, somebody else registers the same hotkey.
#[test]
fn a_rival_with_the_same_key_ends_it_whoever_tells() {
    for progress in [
        Some(lost()),
        Some(Progress::Refused(PoolRefusal::Known)),
        Some(Progress::Refused(PoolRefusal::Occupied)),
        None,
    ] {
        let watched = progress.is_none();
        let mut play = Play::v1();
        play.block();
        play.find(1);
        if let Some(progress) = progress {
            play.progress(progress);
        }
        let owner = PublicKey([9; 32]);
        play.owned(3, owner);
        // Whoever watches the submission is waited for, until its window ends.
        for _ in 0..if watched { 5 } else { 0 } {
            assert_eq!(end(&play.block()), None);
        }
        let denial = Obstacle::RegisteredByOther {
            netuid: 1,
            uid: 3,
            owner,
        };
        assert_eq!(end(&play.block()), Some(End::Denied(denial.into())));
    }
}

#[test]
fn news_of_an_earlier_submission_is_no_news() {
    let mut play = Play::v1();
    play.block();
    play.find(1);
    play.progress(lost());
    play.block();
    assert_eq!(play.session.sent(), 2);
    let late = Progress::Refused(PoolRefusal::Payment);
    assert_eq!(play.session.progress(1, late), []);
}

#[test]
fn a_retracted_block_is_waited_out() {
    let mut play = Play::v1();
    play.block();
    play.find(1);
    play.block();
    play.included(registered(5));
    assert_eq!(play.session.not_final(), Some((5, place(play.head))));
    assert_eq!(
        told(&play.progress(Progress::Retracted)),
        [Event::Retracted]
    );
    assert_eq!(play.session.not_final(), None);
    assert_eq!(sent(&play.fork(101, 1)), None, "it may still be included");
    play.included(registered(6));
    let ended = end(&play.progress(Progress::Finalized));
    assert!(matches!(ended, Some(End::Registered { uid: 6, .. })));
}

#[test]
fn after_a_reorganisation_proofs_are_confirmed_before_they_are_sent() {
    let mut play = Play::v1();
    play.full(true);
    play.block();
    let gone = find(play.head, 100_000);
    play.session.find(gone);
    play.full(false);
    // Block 100 is another one now.
    let actions = play.fork(101, 1);
    assert_eq!(told(&actions), [Event::Reorganised { block: 101 }]);
    assert!(actions.contains(&Action::Confirm(vec![100])));
    assert_eq!(sent(&actions), None);
    let actions = play.session.confirmed(&[(100, Some(hash(100, 1)))]);
    assert_eq!(sent(&actions), None);
    // A proof for the new chain is sent.
    let submission = sent(&play.find(10)).expect("its block is there");
    assert_eq!(submission.work.proof.work_block, 101);
    // And when the old block comes back in time, so does its proof.
    let mut play = Play::v1();
    play.full(true);
    play.block();
    play.find(10);
    play.fork(101, 1);
    play.session.confirmed(&[(100, Some(hash(100, 1)))]);
    play.full(false);
    play.fork(102, 0);
    let actions = play.session.confirmed(&[(100, Some(hash(100, 0)))]);
    let submission = sent(&actions).expect("it is on the best chain again");
    assert_eq!(submission.work.proof.work_block, 100);
}

#[test]
fn who_owns_the_key() {
    let mut play = Play::v1();
    play.state.hotkey.owner = Some(PublicKey([9; 32]));
    let owner = PublicKey([9; 32]);
    assert_eq!(
        end(&play.block()),
        Some(End::Denied(Obstacle::OwnedByOther { owner }.into()))
    );
    let mut play = Play::v1();
    play.owned(1, COLDKEY);
    assert!(matches!(
        end(&play.block()),
        Some(End::Registered { already: true, .. })
    ));
}

#[test]
fn an_upgrade_in_mid_search() {
    let mut play = Play::v1();
    play.block();
    let spec = 461;
    let (head, state) = (play.head, play.state);
    let actions = play.session.block(head, state, &runtime(spec));
    let denial = Denial::Runtime(Refusal::Burns { spec });
    assert_eq!(actions, [Action::End(End::Denied(denial))]);

    let mut play = Play::v1();
    play.block();
    let actions = play.session.block(head, state, &runtime(393));
    let protocol = Protocol::Legacy(Order::Little);
    assert_eq!(
        end(&actions),
        Some(End::Denied(Denial::Upgraded { protocol }))
    );
}

#[test]
fn an_upgrade_does_not_undo_a_registration() {
    let mut play = Play::v1();
    play.block();
    play.find(1);
    play.block();
    play.included(registered(5));
    play.owned(5, COLDKEY);
    let (head, state) = (play.head, play.state);
    let actions = play.session.block(head, state, &runtime(461));
    assert_eq!(
        end(&actions),
        Some(End::Registered {
            uid: 5,
            place: Some(place(head)),
            already: false
        })
    );
}

#[test]
fn a_submission_that_nobody_tells_about() {
    // No block took it: that is an attempt.
    let mut play = Play::v1();
    play.block();
    play.find(1);
    for _ in 0..5 {
        assert_eq!(play.block().len(), 1, "only the search goes on");
    }
    assert!(fails(&play.block(), &Setback::NotIncluded));
    // One did.
    let mut play = Play::v1();
    play.block();
    play.find(1);
    play.owned(5, COLDKEY);
    for _ in 0..5 {
        assert_eq!(end(&play.block()), None);
    }
    assert!(matches!(
        end(&play.block()),
        Some(End::Registered { uid: 5, .. })
    ));
}

#[test]
fn a_proof_is_shown_once_per_block() {
    let mut play = Play::new(GOAL, Protocol::V1, Policy::Show);
    play.block();
    let shown = |actions: &[Action]| {
        let mut actions = actions.iter();
        actions.find_map(|action| match action {
            Action::Show(shown) => Some((shown.work.proof.work_block, shown.blocks_left)),
            _ => None,
        })
    };
    assert_eq!(shown(&play.find(1)), Some((100, 5)));
    assert_eq!(shown(&play.find(1_000)), None, "the first is as good");
    assert_eq!(shown(&play.block()), None);
    assert_eq!(shown(&play.find(1)), Some((101, 5)));
    assert_eq!(play.session.sent(), 0);
}

#[test]
fn the_faucet_is_known_by_what_it_gave() {
    let goal = Goal::Faucet { coldkey: COLDKEY };
    let legacy = Protocol::Legacy(Order::Little);
    let mut play = Play::new(goal, legacy, SEND);
    let head = play.head;
    let actions = play.session.block(head, play.state, &runtime(393));
    assert!(matches!(actions.as_slice(), [Action::Search(search)]
        if search.difficulty == difficulty(1_000_000)));
    let challenge = goal.challenge(legacy, head.hash);
    let target = difficulty(1).target();
    let solution = Solution::verify(&challenge, &target, 0).expect("every seal wins");
    let work = Work::new(head.number, head.hash, difficulty(1), solution);
    assert_eq!(sent(&play.session.find(work)), None, "not low enough");
}

/// A block before the newest one, of the same fork.
fn before(play: &Play, blocks: u64) -> Head {
    let number = play.head.number - blocks;
    Head {
        number,
        hash: hash(number, 0),
        parent: hash(number - 1, 0),
    }
}

fn asks(actions: &[Action]) -> bool {
    let mut actions = actions.iter();
    actions.any(|it| matches!(it, Action::Confirm(_)))
}

#[test]
fn a_proof_from_elsewhere_for_a_block_that_is_known_needs_no_question() {
    let mut play = Play::v1();
    play.block();
    let work = find(play.head, 1);
    let actions = play.session.restore([work]);
    assert!(sent(&actions).is_some() && !asks(&actions), "{actions:?}");
    // One for a block that is not there is of no use, and stops nothing.
    let mut play = Play::v1();
    play.block();
    let elsewhere = Head {
        hash: [9; 32],
        ..play.head
    };
    assert_eq!(play.session.restore([find(elsewhere, 1)]), []);
    assert!(sent(&play.find(1)).is_some());
}

#[test]
fn a_question_under_way_is_not_asked_again_for_every_proof_from_elsewhere() {
    let mut play = Play::v1();
    play.block();
    let (third, fourth) = (before(&play, 3), before(&play, 2));
    assert!(asks(&play.session.restore([find(third, 1)])));
    assert!(!asks(&play.session.restore([find(third, 1_000)])));
    assert!(!asks(&play.session.restore([find(third, 1)])), "no news");
    assert!(asks(&play.session.restore([find(fourth, 1)])), "another");
    let blocks = [third, fourth].map(|it| (it.number, Some(it.hash)));
    assert!(sent(&play.session.confirmed(&blocks)).is_some());
}
