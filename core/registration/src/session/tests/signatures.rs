//! How many signatures an endpoint can get, whatever it says.

use super::*;

/// Sends of a play that goes on for as many blocks, with a proof in each; `then` is what the node makes
/// of each submission.
fn collect(
    blocks: u64,
    settings: Settings,
    mut then: impl FnMut(&mut Play),
) -> (Play, Vec<Submission>) {
    let mut play = Play::v1();
    play.session = Session::new(GOAL, Protocol::V1, settings);
    let mut submissions = Vec::new();
    for _ in 0..blocks {
        let mut actions = play.block();
        actions.extend(play.find(1));
        if let Some(submission) = sent(&actions) {
            submissions.push(submission);
            then(&mut play);
        }
        if play.session.ended {
            break;
        }
    }
    (play, submissions)
}

fn settings(attempts: u32, signatures: u32) -> Settings {
    Settings {
        policy: Policy::Send {
            attempts,
            signatures,
        },
        wait: Wait::Finality,
        patience: Patience::default(),
        start: Position(0),
    }
}

/// How many different payloads there are, and that no two are for one block.
fn signatures(submissions: &[Submission]) -> usize {
    let mut payloads: Vec<_> = submissions.iter().map(|it| it.payload).collect();
    payloads.sort_by_key(|payload| payload.call().proof().work_block);
    payloads.dedup();
    let blocks = payloads.iter().map(|it| it.call().proof().work_block);
    let mut blocks: Vec<_> = blocks.collect();
    blocks.dedup();
    assert_eq!(blocks.len(), payloads.len(), "two for one block");
    payloads.len()
}

#[test]
fn a_connection_that_breaks_each_time_gets_ten() {
    let (mut play, submissions) = collect(500, settings(1_000, 10), |play| {
        play.progress(lost());
    });
    assert_eq!(signatures(&submissions), 10);
    assert!(play.session.ended);
    assert_eq!(play.block(), [], "nothing happens after the end");
    let reason = "cut".to_owned();
    assert_eq!(play.session.last, Some(Setback::Lost { reason }));
    // With more allowed, there are more, and no more than that.
    let (_, submissions) = collect(500, settings(1_000, 30), |play| {
        play.progress(lost());
    });
    assert_eq!(signatures(&submissions), 30);
}

#[test]
fn a_pool_that_always_has_it_already_gets_an_attempt_per_window() {
    for (refusal, sends) in [(PoolRefusal::Known, 1), (PoolRefusal::Occupied, 5)] {
        let (play, submissions) = collect(500, settings(3, 10), |play| {
            let actions = play.progress(Progress::Refused(refusal.clone()));
            assert_eq!(told(&actions), [Event::Refused(refusal.clone())]);
        });
        assert_eq!(signatures(&submissions), 3);
        // Where it has another one, the same bytes are tried in every block of the window.
        let first = submissions[0].payload;
        let same = submissions.iter().filter(|it| it.payload == first);
        assert_eq!(same.count(), sends, "{refusal}");
        // Each waits for the end of the window of its proof.
        assert!((107..=115).contains(&play.head.number));
        assert!(play.session.ended);
    }
}

#[test]
fn what_the_pool_has_is_seen_in_a_block() {
    let mut play = Play::v1();
    play.block();
    play.find(1);
    play.progress(Progress::Refused(PoolRefusal::Known));
    assert_eq!(sent(&play.block()), None);
    play.owned(3, COLDKEY);
    assert!(matches!(
        end(&play.block()),
        Some(End::Registered {
            uid: 3,
            already: false,
            ..
        })
    ));
}

#[test]
fn another_transaction_of_the_account_costs_an_attempt_and_its_block() {
    let mut play = Play::v1();
    play.block();
    let first = sent(&play.find(1)).expect("sent");
    play.progress(Progress::Refused(PoolRefusal::Occupied));
    // It is taken by the next block.
    play.state.account.nonce = 1;
    let actions = play.block();
    assert!(fails(&actions, &Setback::Replaced), "{actions:?}");
    assert_eq!(sent(&actions), None, "no second signature for its block");
    let second = sent(&play.find(1)).expect("a proof for a newer block");
    assert_eq!(second.payload.nonce(), 1);
    let block = |submission: Submission| submission.payload.call().proof().work_block;
    assert_eq!((block(first), block(second)), (100, 101));
}

#[test]
fn a_signed_proof_is_kept_when_a_lower_one_comes() {
    let mut play = Play::v1();
    play.block();
    let first = sent(&play.find(1)).expect("sent");
    // A lower one for the same block, while the first is out of sight.
    play.progress(lost());
    assert_eq!(sent(&play.find(100_000)), None);
    let again = sent(&play.block()).expect("sent once more");
    assert_eq!(first.payload, again.payload);
}

#[test]
fn forks_get_one_signature_for_all_blocks_of_a_number() {
    let mut play = Play::v1();
    play.block();
    assert!(sent(&play.find(1)).is_some());
    play.progress(Progress::Gone(Gone::Invalid));
    // The same number again, with another hash, and a proof for it.
    let actions = play.fork(100, 1);
    assert_eq!(told(&actions), [Event::Reorganised { block: 100 }]);
    play.session.confirmed(&[(100, Some(play.head.hash))]);
    assert_eq!(sent(&play.find(1)), None);
    play.fork(101, 1);
    play.session.confirmed(&[(100, Some(hash(100, 1)))]);
    assert!(sent(&play.find(1)).is_some());
}
