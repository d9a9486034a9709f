//! What the pool and the chain refuse for a reason that they tell.

use super::*;

#[test]
fn a_refusal_that_does_not_pass_ends_it_at_once() {
    let signer = COLDKEY;
    for (refusal, obstacle) in [
        (PoolRefusal::Custom(0), Obstacle::SwapAnnounced { signer }),
        (PoolRefusal::Custom(21), Obstacle::SwapDisputed { signer }),
        (PoolRefusal::Custom(3), Obstacle::NoSubnet { netuid: 1 }),
        (PoolRefusal::Payment, Obstacle::CannotPay { signer }),
    ] {
        let mut play = Play::v1();
        play.block();
        play.find(1);
        let actions = play.progress(Progress::Refused(refusal));
        assert_eq!(end(&actions), Some(End::Denied(obstacle.into())));
    }
}

/// The coldkey's swap is announced in the middle of a search.
#[test]
fn a_swap_in_mid_search_ends_it() {
    let mut play = Play::v1();
    play.block();
    play.state.account.swap = Some(crate::Swap::Announced);
    let obstacle = Obstacle::SwapAnnounced { signer: COLDKEY };
    assert_eq!(end(&play.block()), Some(End::Denied(obstacle.into())));
}

/// A pool without room has nothing against the proof, whose bytes go again.
#[test]
fn a_pool_without_room_costs_no_attempt_and_no_signature() {
    let one = Policy::Send {
        attempts: 1,
        signatures: 1,
    };
    for policy in [one, Policy::Offer { signatures: 1 }] {
        let mut play = Play::new(GOAL, Protocol::V1, policy);
        play.block();
        let found = play.find(1);
        let first = match play.session.ask() {
            Some(request) => sent(&play.session.signed(request.id)),
            None => sent(&found),
        };
        let first = first.expect("it is sent");
        for _ in 0..3 {
            let actions = play.progress(Progress::Refused(PoolRefusal::NoRoom));
            assert_eq!(told(&actions), [Event::Refused(PoolRefusal::NoRoom)]);
            let again = sent(&play.block()).expect("it goes again");
            assert_eq!(again.payload, first.payload, "{policy:?}");
        }
    }
}

#[test]
fn failures_in_a_block() {
    for (name, expected) in [
        (
            "NoNeuronIdAvailable",
            Some(Obstacle::Full { netuid: 1 }.into()),
        ),
        (
            "TooManyStakingHotkeys",
            Some(Obstacle::TooManyHotkeys { coldkey: COLDKEY }.into()),
        ),
        (
            "ColdkeySwapDestinationReserved",
            Some(Obstacle::SwapDestination.into()),
        ),
        (
            "SubNetRegistrationDisabled",
            Some(Obstacle::PowOff { netuid: 1 }.into()),
        ),
        (
            "SubnetNotExists",
            Some(Obstacle::NoSubnet { netuid: 1 }.into()),
        ),
        ("TooManyRegistrationsThisBlock", None),
        ("InvalidDifficulty", None),
        ("InvalidWorkBlock", None),
    ] {
        let mut play = Play::v1();
        play.block();
        play.find(1);
        let actions = play.included(failed(name));
        let expected = expected.map(End::Denied);
        assert_eq!(end(&actions), expected, "{name}");
        if expected.is_none() {
            // It used the nonce, and each block's proof is signed once: a proof of the next block goes.
            play.state.account.nonce += 1;
            assert!(sent(&play.block()).is_none(), "{name}");
            assert!(sent(&play.find(1)).is_some(), "{name}");
        }
    }
}
