//! `tests/scenarios/page.json`: what happens when a person signs. The page's own tests run the same through
//! WebAssembly.
//!
//! A scenario is a list of steps; each tells a session something, or asks it. `then` is what the session does
//! about it, one short line per action.

use alloc::{
    format,
    string::{String, ToString},
};

use serde_json::Value;

use super::*;
use crate::Unfit;

const THEIRS: PublicKey = PublicKey([9; 32]);

/// A session, and what it was told.
struct Scene {
    session: Session,
    /// The newest request.
    request: u64,
}

fn settings() -> Settings {
    Settings {
        policy: Policy::Offer { signatures: 10 },
        wait: Wait::Finality,
        patience: Patience::default(),
        start: Position(0),
    }
}

fn number(value: &Value) -> u64 {
    value.as_u64().expect("a number")
}

fn fork(value: &Value) -> u8 {
    value.as_u64().unwrap_or(0).try_into().expect("a byte")
}

fn head(step: &Value) -> Head {
    let (number, fork) = (number(&step["block"]), fork(&step["fork"]));
    Head {
        number,
        hash: hash(number, fork),
        parent: hash(number - 1, fork),
    }
}

fn state(given: &Value) -> State {
    let mut play = Play::v1();
    play.full(given["full"] == true);
    play.subnet().pow_allowed = given["powAllowed"] != false;
    if let Some(text) = given["difficulty"].as_str() {
        play.subnet().difficulty = difficulty(text.parse().expect("a difficulty"));
    }
    play.state.hotkey.uid = given["uid"]
        .as_u64()
        .map(|uid| uid.try_into().expect("a UID"));
    play.state.hotkey.owner = given["owner"].as_str().map(|owner| match owner {
        "ours" => COLDKEY,
        _ => THEIRS,
    });
    play.state.account.nonce = given["nonce"]
        .as_u64()
        .unwrap_or(0)
        .try_into()
        .expect("a nonce");
    play.state
}

fn runtime_named(name: &Value) -> Runtime {
    runtime(match name.as_str() {
        None | Some("v1") => 475,
        Some("burns") => 461,
        Some("legacy") => 393,
        Some(other) => panic!("no runtime is called {other}"),
    })
}

fn proof(value: &Value, step: &Value) -> Work {
    let (number, hash) = (number(value), hash(number(value), fork(&step["fork"])));
    let challenge = GOAL.challenge(Protocol::V1, hash);
    let every = difficulty(1);
    let solution = Solution::verify(&challenge, &every.target(), 0).expect("every seal wins");
    Work::new(number, hash, every, solution)
}

fn news(value: &Value) -> Progress {
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let in_block = |outcome| Progress::InBlock {
        place: Place {
            hash: hash(12, 0),
            number: Some(12),
        },
        outcome,
    };
    match value.as_str() {
        Some("waiting") => return Progress::Waiting,
        Some("retracted") => return Progress::Retracted,
        Some("finalized") => return Progress::Finalized,
        Some("lost") => return lost(),
        other => assert_eq!(other, None),
    }
    let (kind, value) = value
        .as_object()
        .and_then(|it| it.iter().next())
        .expect("news");
    match kind.as_str() {
        "registered" => in_block(registered(number(value).try_into().expect("a UID"))),
        "failed" => in_block(failed(&text(value))),
        "unknown" => in_block(Outcome::Unknown(text(value))),
        "refused" => {
            let code = number(&value[0]).try_into().expect("a code");
            Progress::Refused(PoolRefusal::read(code, &text(&value[1]), ""))
        }
        "gone" => Progress::Gone(match value.as_str() {
            Some("dropped") => Gone::Dropped,
            Some("usurped") => Gone::Usurped,
            _ => Gone::Invalid,
        }),
        other => panic!("no news are called {other}"),
    }
}

fn pool(refusal: &PoolRefusal) -> &'static str {
    match refusal {
        PoolRefusal::Custom(_) => "custom",
        PoolRefusal::Outdated => "outdated",
        PoolRefusal::Known => "known",
        PoolRefusal::Occupied => "occupied",
        other => panic!("no scenario has {other}"),
    }
}

fn setback(setback: &Setback) -> String {
    let unfit = |unfit: &Unfit| match unfit {
        Unfit::Stale => "stale",
        Unfit::OffChain => "off-chain",
        Unfit::TooHigh => "too-high",
    };
    match setback {
        Setback::Refused(refusal) => return format!("refused {}", pool(refusal)),
        Setback::Gone(gone) => return format!("gone {}", gone.name()),
        Setback::SignedInVain { unfit: why, .. } => {
            return format!("signed-in-vain {}", unfit(why));
        }
        Setback::Failed(_) => "failed",
        Setback::FailedInBlock => "failed-in-block",
        Setback::TooLate => "too-late",
        Setback::NotIncluded => "not-included",
        Setback::Lost { .. } => "lost",
        Setback::Replaced => "replaced",
        Setback::DifficultyRose => "difficulty-rose",
        Setback::BlockFull => "block-full",
    }
    .to_owned()
}

fn event(event: &Event) -> String {
    match event {
        Event::Reorganised { block } => format!("reorganised {block}"),
        Event::DifficultyRose { difficulty } => format!("difficulty-rose {difficulty}"),
        Event::HeldBack { block } => format!("held-back {block}"),
        Event::Submitting {
            work_block,
            blocks_left,
            again,
            ..
        } => {
            let again = if *again { " again" } else { "" };
            format!("submitting {work_block} {blocks_left}{again}")
        }
        Event::Waiting => "waiting".to_owned(),
        Event::Refused(refusal) => format!("refused {}", pool(refusal)),
        Event::Included { uid, .. } => format!("included {}", uid.expect("a UID")),
        Event::Unreadable { .. } => "unreadable".to_owned(),
        Event::Retracted => "retracted".to_owned(),
        Event::LostSight { .. } => "lost-sight".to_owned(),
        Event::Doubtful(why) => format!("doubtful {}", setback(why)),
        Event::Failed {
            setback: why,
            attempts,
        } => {
            assert_eq!(*attempts, None, "a person has no attempts, but signatures");
            format!("failed {}", setback(why))
        }
    }
}

fn line(action: &Action) -> String {
    match action {
        Action::Search(_) => "search".to_owned(),
        Action::Send(_) => "send".to_owned(),
        Action::Show(_) => panic!("nothing is shown to a person who signs"),
        Action::Pause(_) => panic!("a page waits for nothing"),
        Action::Confirm(blocks) => {
            let blocks: Vec<_> = blocks.iter().map(ToString::to_string).collect();
            format!("confirm {}", blocks.join(" "))
        }
        Action::Tell(told) => event(told),
        Action::End(End::Registered { uid, already, .. }) => {
            let already = if *already { " already" } else { "" };
            format!("registered {uid}{already}")
        }
        Action::End(End::Denied(denial)) => format!("denied {}", denial.name()),
        Action::End(End::Exhausted { limit, .. }) => {
            let Limit::Signatures(most) = limit else {
                panic!("a person has no attempts, but signatures");
            };
            format!("exhausted {most}")
        }
        Action::End(End::Given { .. }) => panic!("the faucet is not for pages"),
    }
}

impl Scene {
    fn step(&mut self, step: &Value) -> Vec<Action> {
        let steps = step.as_object().expect("a step");
        let session = &mut self.session;
        if steps.contains_key("block") {
            let runtime = runtime_named(&step["runtime"]);
            session.block(head(step), state(&step["state"]), &runtime)
        } else if let Some(value) = steps.get("upgrade") {
            session.upgraded(&runtime_named(value))
        } else if let Some(value) = steps.get("find") {
            session.find(proof(value, step))
        } else if let Some(blocks) = steps.get("restore") {
            let blocks = blocks.as_array().expect("blocks").iter();
            session.restore(blocks.map(|value| proof(value, step)))
        } else if let Some(blocks) = steps.get("confirmed") {
            let blocks = blocks.as_array().expect("blocks").iter().map(|known| {
                let at = number(&known[0]);
                let hash = known[1].as_u64().map(|_| hash(at, fork(&known[1])));
                (at, hash)
            });
            session.confirmed(&blocks.collect::<Vec<_>>())
        } else if let Some(value) = steps.get("news") {
            session.progress(session.sent(), news(value))
        } else if let Some(value) = steps.get("sign") {
            session.signed(value.as_u64().unwrap_or(self.request))
        } else {
            self.ask(step);
            Vec::new()
        }
    }

    /// A step to which a session answers by a value.
    fn ask(&mut self, step: &Value) {
        let steps = step.as_object().expect("a step");
        let session = &mut self.session;
        if let Some(expected) = steps.get("ask") {
            let asked = session.ask();
            let block = asked.map(|request| request.work.proof.work_block);
            assert_eq!(block, expected.as_u64());
            if let Some(request) = asked {
                self.request = request.id;
                assert!(request.payload.call().proof() == request.work.proof);
                if let Some(nonce) = step["nonce"].as_u64() {
                    assert_eq!(u64::from(request.payload.nonce()), nonce);
                }
            }
        } else if let Some(value) = steps.get("decline") {
            let present = session.declined(value.as_u64().unwrap_or(self.request));
            assert_eq!(present, step["late"] != true);
        } else if let Some(expected) = steps.get("offer") {
            let offer = session.offer();
            let offer = offer.map(|(work, left)| (work.proof.work_block, left));
            let expected = expected
                .as_u64()
                .map(|block| (block, number(&step["left"])));
            assert_eq!(offer, expected);
        } else if let Some(expected) = steps.get("asked") {
            assert_eq!(session.asked().map(|(_, left)| left), expected.as_u64());
        } else if let Some(expected) = steps.get("submitted") {
            assert_eq!(session.submitted(), expected.as_bool());
        } else {
            panic!("no such step: {step}");
        }
    }
}

#[test]
fn every_scenario_of_the_page() {
    let text = include_str!("../../../../../tests/scenarios/page.json");
    let scenarios: Vec<Value> = serde_json::from_str(text).expect("JSON");
    assert!(scenarios.len() > 60);
    for scenario in scenarios {
        let name = scenario["name"].as_str().expect("a name");
        let mut scene = Scene {
            session: Session::new(GOAL, Protocol::V1, settings()),
            request: 0,
        };
        for (index, step) in scenario["steps"]
            .as_array()
            .expect("steps")
            .iter()
            .enumerate()
        {
            std::eprintln!("{name}, step {index}: {step}");
            let lines: Vec<String> = scene.step(step).iter().map(line).collect();
            if let Some(expected) = step.get("then") {
                let expected: Vec<String> =
                    serde_json::from_value(expected.clone()).expect("lines");
                assert_eq!(lines, expected);
            }
        }
    }
}

/// What a page signs is signed for one block number each, also when blocks of it are replaced.
#[test]
fn forks_get_one_signature_for_all_blocks_of_a_number() {
    let mut play = Play::new(GOAL, Protocol::V1, settings().policy);
    play.block();
    play.find(1);
    let request = play.session.ask().expect("a proof");
    play.session.signed(request.id);
    play.progress(Progress::Gone(Gone::Invalid));
    play.fork(100, 1);
    play.session.confirmed(&[(100, Some(hash(100, 1)))]);
    play.find(1);
    play.fork(101, 1);
    play.session.confirmed(&[(100, Some(hash(100, 1)))]);
    assert_eq!(play.session.offer(), None);
    assert_eq!(
        play.session.proofs().count(),
        0,
        "nothing is kept that is signed"
    );
    play.find(1);
    let (work, _) = play.session.offer().expect("a proof for a newer block");
    assert_eq!(work.proof.work_block, 101);
}

#[test]
fn a_person_gives_ten_signatures_whatever_the_endpoint_makes_of_them() {
    for news in [
        Some(Progress::Refused(PoolRefusal::Known)),
        Some(Progress::Refused(PoolRefusal::Occupied)),
        Some(Progress::Refused(PoolRefusal::Custom(255))),
        Some(lost()),
        None,
    ] {
        let mut play = Play::new(GOAL, Protocol::V1, settings().policy);
        let mut signed = Vec::new();
        let mut ended = None;
        for _ in 0..500 {
            let mut actions = play.block();
            play.find(1);
            if let Some(request) = play.session.ask() {
                signed.push(request.work.proof.work_block);
                actions.extend(play.session.signed(request.id));
                if let Some(news) = news.clone() {
                    actions.extend(play.progress(news));
                }
            }
            ended = ended.or(end(&actions));
        }
        assert_eq!(signed.len(), 10, "{news:?}");
        signed.dedup();
        assert_eq!(signed.len(), 10, "each for a block of its own");
        let limit = Limit::Signatures(10);
        assert!(
            matches!(ended, Some(End::Exhausted { limit: by, .. }) if by == limit),
            "{news:?}"
        );
    }
}
