//! What a session waits for, and what it does meanwhile.

use core::time::Duration;

use super::*;
use crate::{Standing, Swap};

/// Changes what a block says.
type Change<T> = fn(&mut T);

const CLOSED: Obstacle = Obstacle::PowOff { netuid: 1 };

fn play(patience: Patience) -> Play {
    let mut play = Play::v1();
    let settings = Settings {
        policy: SEND,
        wait: Wait::Finality,
        patience,
        start: Position(0),
    };
    play.session = Session::new(GOAL, Protocol::V1, settings);
    play
}

fn waiting() -> Play {
    play(Patience {
        wait_open: true,
        ..Patience::default()
    })
}

fn searches(actions: &[Action]) -> bool {
    matches!(actions.first(), Some(Action::Search(_)))
}

fn pause(actions: &[Action]) -> Option<Pause> {
    match actions.first() {
        Some(Action::Pause(pause)) => Some(*pause),
        _ => None,
    }
}

#[test]
fn without_patience_a_closed_subnet_ends_it() {
    let mut play = play(Patience::default());
    play.subnet().pow_allowed = false;
    assert_eq!(end(&play.block()), Some(End::Denied(CLOSED.into())));
}

#[test]
fn a_subnet_is_waited_for_until_it_is_open() {
    let closings: [(Change<Subnet>, Obstacle); 4] = [
        (
            |subnet| subnet.exists = false,
            Obstacle::NoSubnet { netuid: 1 },
        ),
        (|subnet| subnet.pow_allowed = false, CLOSED),
        (
            |subnet| subnet.uids.most = 0,
            Obstacle::NoPlaces { netuid: 1 },
        ),
        (
            |subnet| subnet.registrations.most = 0,
            Obstacle::NoRegistrations { netuid: 1 },
        ),
    ];
    for (close, obstacle) in closings {
        let mut play = waiting();
        let open = *play.subnet();
        close(play.subnet());
        for _ in 0..3 {
            assert_eq!(play.block(), [Action::Pause(Pause::Closed(obstacle))]);
        }
        // Its difficulty may be new, which is no rise.
        *play.subnet() = Subnet {
            difficulty: difficulty(9),
            ..open
        };
        let actions = play.block();
        assert!(searches(&actions) && told(&actions).is_empty());
        assert_eq!(play.session.pause(), None);
        assert!(sent(&play.find(9)).is_some());
    }
}

/// Nobody waits for a subnet whose opening would not help.
#[test]
fn what_would_still_be_there_ends_it_before_the_subnet_opens() {
    let signer = COLDKEY;
    let others = PublicKey([9; 32]);
    let obstacles: [(Change<State>, Obstacle); 2] = [
        (
            |state| state.hotkey.owner = Some(PublicKey([9; 32])),
            Obstacle::OwnedByOther { owner: others },
        ),
        (
            |state| state.account.swap = Some(Swap::Announced),
            Obstacle::SwapAnnounced { signer },
        ),
    ];
    for (change, obstacle) in obstacles {
        let mut play = waiting();
        play.subnet().pow_allowed = false;
        change(&mut play.state);
        assert_eq!(end(&play.block()), Some(End::Denied(obstacle.into())));
    }
    // Whether a full subnet has a place is not asked again.
    let mut play = waiting();
    play.subnet().uids = Count { now: 1, most: 1 };
    play.subnet().replaceable = Some(false);
    let full = Obstacle::Full { netuid: 1 };
    assert_eq!(end(&play.block()), Some(End::Denied(full.into())));
}

/// A UID that a subnet left behind when it was dissolved is no registration.
#[test]
fn what_a_dissolved_subnet_left_behind_does_not_count() {
    let patience = Patience {
        wait_open: true,
        ..Patience::default()
    };
    let mut play = waiting();
    play.owned(0, PublicKey([9; 32]));
    play.state.hotkey.owner = None;
    play.subnet().exists = false;
    let obstacle = Obstacle::NoSubnet { netuid: 1 };
    let standing = patience.standing(&GOAL, Protocol::V1, &play.state);
    assert_eq!(standing, Standing::Denied(obstacle));
    assert_eq!(pause(&play.block()), Some(Pause::Closed(obstacle)));
}

#[test]
fn a_subnet_that_closes_in_mid_search_is_waited_for() {
    let mut play = waiting();
    assert!(searches(&play.block()));
    play.full(true);
    play.block();
    assert!(tells(&play.find(1), |event| matches!(
        event,
        Event::HeldBack { .. }
    )));
    play.subnet().pow_allowed = false;
    let actions = play.block();
    assert_eq!(pause(&actions), Some(Pause::Closed(CLOSED)));
    assert_eq!((sent(&actions), end(&actions)), (None, None));
    play.subnet().pow_allowed = true;
    play.full(false);
    // The proof still counts.
    assert!(sent(&play.block()).is_some());
}

/// The chain closes the subnet between the block and the submission.
#[test]
fn a_refusal_by_a_subnet_that_closed_costs_an_attempt() {
    for included in [false, true] {
        let mut play = waiting();
        play.block();
        assert!(sent(&play.find(1)).is_some());
        let actions = if included {
            play.included(failed("SubNetRegistrationDisabled"))
        } else {
            play.progress(Progress::Refused(PoolRefusal::Custom(3)))
        };
        assert_eq!(end(&actions), None, "{actions:?}");
        let costs = |event: &Event| {
            matches!(
                event,
                Event::Failed {
                    attempts: Some(_),
                    ..
                }
            )
        };
        assert!(tells(&actions, costs), "{actions:?}");
        play.subnet().pow_allowed = false;
        assert_eq!(pause(&play.block()), Some(Pause::Closed(CLOSED)));
    }
}

#[test]
fn what_is_under_way_when_the_subnet_closes_has_its_own_end() {
    let mut play = waiting();
    play.block();
    assert!(sent(&play.find(1)).is_some());
    play.subnet().pow_allowed = false;
    play.block();
    assert_eq!(play.session.submitted(), Some(false));
    play.included(registered(3));
    let actions = play.progress(Progress::Finalized);
    assert!(matches!(
        end(&actions),
        Some(End::Registered { uid: 3, .. })
    ));
}

#[test]
fn a_difficulty_above_the_highest_pauses() {
    let mut play = play(Patience {
        max_difficulty: Some(difficulty(100)),
        ..Patience::default()
    });
    for (now, most) in [
        (100, None),
        (101, Some(100)),
        (1_000, Some(100)),
        (99, None),
    ] {
        play.subnet().difficulty = difficulty(now);
        let too_hard = most.map(|most| Pause::TooHard {
            difficulty: difficulty(now),
            most: difficulty(most),
        });
        assert_eq!(pause(&play.block()), too_hard, "{now}");
        assert_eq!(play.session.pause(), too_hard);
    }
}

/// What was found costs nothing more.
#[test]
fn a_proof_that_still_counts_is_sent_during_a_pause() {
    let mut play = play(Patience {
        max_difficulty: Some(difficulty(1)),
        ..Patience::default()
    });
    play.block();
    play.subnet().difficulty = difficulty(2);
    let before = play.head;
    assert!(pause(&play.block()).is_some());
    let late = find(before, 4);
    assert!(sent(&play.session.find(late)).is_some());
}

/// An endpoint that drops a submission and calls the subnet closed for a block gets no signature for nothing.
#[test]
fn what_was_sent_has_its_end_while_the_subnet_is_closed() {
    let mut play = waiting();
    play.block();
    assert!(sent(&play.find(2)).is_some());
    play.progress(lost());
    play.subnet().pow_allowed = false;
    play.state.account.nonce += 1;
    let actions = play.block();
    assert_eq!(pause(&actions), Some(Pause::Closed(CLOSED)));
    assert!(fails(&actions, &Setback::FailedInBlock), "{actions:?}");

    // What is in no block is not sent again until it opens.
    let mut play = waiting();
    play.block();
    assert!(sent(&play.find(2)).is_some());
    play.progress(lost());
    play.subnet().pow_allowed = false;
    let actions = play.block();
    assert_eq!(pause(&actions), Some(Pause::Closed(CLOSED)));
    assert!(sent(&actions).is_none() && end(&actions).is_none());
}

#[test]
fn a_search_that_takes_too_long_pauses_once_the_rate_is_known() {
    let most = Duration::from_secs(100);
    let mut play = play(Patience {
        max_expected: Some(most),
        ..Patience::default()
    });
    assert!(play.session.wants_rate());
    play.subnet().difficulty = difficulty(1_000);
    assert!(searches(&play.block()), "the rate is not known");
    assert_eq!(play.session.measured(Some(10.0)), []);
    let expected = Duration::from_secs(200);
    let too_long = Pause::TooLong { expected, most };
    assert_eq!(play.session.measured(Some(5.0)), [Action::Pause(too_long)]);
    assert_eq!(pause(&play.block()), Some(too_long));
    // No small change starts it again.
    play.subnet().difficulty = difficulty(490);
    assert!(pause(&play.block()).is_some());
    play.subnet().difficulty = difficulty(475);
    assert!(searches(&play.block()));
    play.subnet().difficulty = difficulty(500);
    assert!(searches(&play.block()));
    // A device joins, and nobody knows how fast it is.
    play.subnet().difficulty = difficulty(1_000);
    assert!(pause(&play.block()).is_some());
    assert!(searches(&play.session.measured(None)));
}

/// A device that joins, and a rate that is measured again, are no reason to begin again for a small change.
#[test]
fn a_trial_of_the_rate_forgets_no_limit() {
    let mut play = play(Patience {
        max_expected: Some(Duration::from_secs(100)),
        ..Patience::default()
    });
    play.subnet().difficulty = difficulty(1_010);
    play.block();
    assert!(!play.session.is_trial(), "nothing was too long yet");
    assert!(pause(&play.session.measured(Some(10.0))).is_some());
    for rate in [10.2, 10.5] {
        // 99 and 96.2 seconds.
        assert!(searches(&play.session.measured(None)));
        assert!(play.session.is_trial());
        assert!(
            searches(&play.block()),
            "the next block is searched for, too"
        );
        assert!(play.session.is_trial());
        assert!(
            pause(&play.session.measured(Some(rate))).is_some(),
            "{rate}"
        );
        assert!(!play.session.is_trial());
    }
    assert!(searches(&play.session.measured(None)));
    assert_eq!(play.session.measured(Some(10.7)), [], "94.4 seconds");
    assert!(!play.session.is_trial());
}

#[test]
fn a_rate_that_nobody_wants_changes_nothing() {
    let mut play = play(Patience::default());
    assert!(!play.session.wants_rate());
    play.subnet().difficulty = difficulty(u64::MAX);
    play.block();
    assert_eq!(play.session.measured(Some(1.0)), []);
}
