//! What somebody does on purpose, or by another program: it harms nobody else.

use super::*;

/// A rig of this name that is told that there is no room.
fn full(it: &mut Coordinator, name: &RigName, session: u64, now: Micros) -> Vec<Action> {
    let actions = it.received(name, &beat(session, None), now);
    let expected = ToRig::Refused {
        session: Some(Id(session)),
        reason: Refusal::Full,
    };
    assert!(sent(&actions).is_empty() || sent(&actions) == [expected]);
    actions
}

#[test]
fn only_the_process_that_has_no_room_is_refused() {
    let mut it = searching();
    let many = name("many");
    for session in 0..64 {
        let joined = it.received(&many, &beat(session, None), session * SECOND / 8);
        assert!(range(&joined).is_some());
    }
    let actions = full(&mut it, &many, 64, 9 * SECOND);
    assert_eq!(sent(&actions).len(), 1);
    assert_eq!(it.rigs(), 64);
}

#[test]
fn the_user_is_told_once_in_a_minute_that_there_is_no_room() {
    let mut settings = settings(1, 5);
    settings.most_rigs = 1;
    let (mut it, _) = with(settings);
    at_block(&mut it, 100);
    it.received(&name("a"), &beat(1, None), 0);
    let mut told_of = 0;
    for second in 0..=61 {
        it.received(&name("a"), &beat(1, None), second * SECOND);
        let actions = full(&mut it, &name("b"), 1, second * SECOND);
        told_of += told(&actions).len();
    }
    assert_eq!(told_of, 2);
}

#[test]
fn who_comes_and_goes_is_counted_but_not_always_told() {
    let mut it = searching();
    let mut told_of = 0;
    let bye = write(&FromRig::Bye { session: Id(1) });
    for _ in 0..30 {
        for bytes in [beat(1, None), bye.clone()] {
            told_of += told(&it.received(&name("a"), &bytes, 0)).len();
        }
    }
    let progress = it.status(0).progress;
    assert_eq!((progress.joined, progress.left, told_of), (30, 30, 8));
    // Nor is that told which speaks another version each time.
    for version in 2..9 {
        let other = format!(r#"{{"v":{version}}}"#);
        let actions = it.received(&name("a"), other.as_bytes(), SECOND);
        assert_eq!(told(&actions), []);
    }
}

#[test]
fn whoever_invents_names_keeps_nobody_out() {
    let mut settings = settings(1, 5);
    settings.most_rigs = 10;
    let (mut it, _) = with(settings);
    at_block(&mut it, 100);
    it.received(&name("there"), &beat(1, None), 0);
    let lie = losing(&task(100, 16)).next().expect("one");
    for number in 0..100 {
        it.received(
            &name(&format!("no-{number}")),
            &find(task(100, 16), lie),
            SECOND,
        );
    }
    assert!(it.rigs.names() <= 20);
    assert!(range(&it.received(&name("new"), &beat(1, None), SECOND)).is_some());
    assert_eq!((it.rigs(), it.status(SECOND).progress.flooded), (2, 0));
    // In the end all of them are forgotten, with their lies.
    it.received(&name("there"), &beat(1, None), 61 * SECOND);
    it.tick(62 * SECOND);
    assert_eq!(it.rigs.names(), 1);
}

#[test]
fn of_those_that_were_cut_off_the_last_are_remembered() {
    let mut it = searching();
    let lies: Vec<_> = losing(&task(100, 16)).take(3).collect();
    for number in 0..1_030_u64 {
        for &lie in &lies {
            it.received(
                &name(&format!("liar-{number}")),
                &find(task(100, 16), lie),
                number,
            );
        }
    }
    let cut_off = it.status(0).cut_off;
    assert_eq!(cut_off.len(), 1_024);
    let is_cut = |name: &str| cut_off.iter().any(|it| it == name);
    assert!(is_cut("liar-1029") && is_cut("liar-6") && !is_cut("liar-5"));
    assert_eq!(it.rigs.names(), 0, "they take no other rig's place");
}

#[test]
fn what_an_easier_challenge_asked_is_no_lie() {
    let mut it = searching();
    // Another coordinator announced the same block with difficulty 2.
    let easier = task(100, 2);
    let now = task(100, 16);
    let lost = losing(&now).filter(|&nonce| reaches(&easier, nonce));
    for nonce in lost.take(9) {
        let actions = it.received(&name("a"), &find(easier, nonce), 0);
        assert_eq!(verdict(&actions), Some(Verdict::Keep));
        assert_eq!(told(&actions), []);
    }
}

#[test]
fn what_does_not_reach_what_it_names_is_a_lie() {
    for block in [99, 100] {
        let mut it = searching();
        let easier = task(block, 2);
        let lies: Vec<_> = losing(&easier).take(3).collect();
        let mut told_of = Vec::new();
        for nonce in lies {
            told_of = told(&it.received(&name("a"), &find(easier, nonce), 0));
        }
        assert_eq!(told_of, [Event::CutOff(name("a"))], "block {block}");
    }
}

#[test]
fn a_block_that_asks_something_else_now_is_judged_by_that() {
    let mut it = searching();
    let harder = task(100, 2_000);
    it.search(harder, 0);
    let lost = losing(&harder).filter(|&nonce| reaches(&task(100, 16), nonce));
    for nonce in lost.take(9) {
        let actions = it.received(&name("a"), &find(task(100, 16), nonce), 0);
        assert_eq!(verdict(&actions), Some(Verdict::Keep));
    }
}

#[test]
fn a_rig_cannot_have_all_blocks_asked_for_that_it_invents() {
    let mut it = searching();
    let invented = |number: u8| {
        let difficulty = Difficulty::new(16).expect("not zero");
        let task = Task::new(ASKED, (99, [number; 32]), difficulty).expect("no root");
        (task, winning(&task, 16).next().expect("one"))
    };
    let tell = |it: &mut Coordinator, rig: &str, number| {
        let (task, nonce) = invented(number);
        verdict(&it.received(&name(rig), &find(task, nonce), 0))
    };
    for number in 0..8 {
        assert_eq!(tell(&mut it, "a", number), Some(Verdict::Taken));
    }
    assert_eq!(tell(&mut it, "a", 8), Some(Verdict::Keep));
    assert_eq!(tell(&mut it, "a", 7), Some(Verdict::Known));
    assert_eq!(tell(&mut it, "b", 8), Some(Verdict::Taken));
}

#[test]
fn challenges_do_not_add_up() {
    let mut it = searching();
    let difficulty = Difficulty::new(1).expect("not zero");
    for number in 0..600_u64 {
        let mut hash = [9; 32];
        hash[..8].copy_from_slice(&number.to_le_bytes());
        let own = Task::new(ASKED, (100, hash), difficulty).expect("no root");
        it.search(own, 0);
        hash[31] = 8;
        let foreign = Task::new(ASKED, (100, hash), difficulty).expect("no root");
        let rig = name(&format!("a-{number}"));
        assert!(found(&it.received(&rig, &find(foreign, 0), 0)).is_some());
    }
    let own = it.tasks.iter().filter(|judged| judged.is_own).count();
    assert_eq!((own, it.tasks.len()), (256, 512));
    // The newest are kept.
    for judged in &it.tasks {
        let (_, hash) = judged.task.block();
        let number = u64::from_le_bytes(hash[..8].try_into().expect("eight"));
        assert!(number >= 600 - 256, "{number}");
    }
}

#[test]
fn absurd_rates_are_not_read_and_harm_no_status() {
    let mut it = searching();
    it.received(&name("a"), &beat(1, None), 0);
    let text = String::from_utf8(beat(2, None)).expect("text");
    for rate in ["1.7e308", "1.1e18"] {
        let absurd = text.replace("1000000.0", rate);
        assert_ne!(text, absurd);
        assert_eq!(it.received(&name("a"), absurd.as_bytes(), 0), []);
    }
    let most = text.replace("1000000.0", "1e18");
    assert!(range(&it.received(&name("a"), most.as_bytes(), 0)).is_some());
    assert!(read::<Status>(&write(&it.status(0))).is_ok());
}

#[test]
fn the_status_of_ten_thousand_rigs_fits_into_a_message() {
    let mut settings = settings(1, 5);
    settings.most_rigs = 10_000;
    let (mut it, _) = with(settings);
    at_block(&mut it, 100);
    for number in 0..10_000 {
        it.received(&name(&format!("rig-{number:05}")), &beat(1, None), 0);
    }
    let status = it.status(0);
    let bytes = write(&status);
    assert!(bytes.len() < 1_000_000, "{}", bytes.len());
    assert!(status.rigs.len() > 1_000);
    assert_eq!(status.rigs.len() as u64 + status.more_rigs, 10_000);
    assert!((status.rate - 1e10).abs() < 1.0, "of all");
    assert_eq!(read::<Status>(&bytes), Ok(status));
}

/// Whether a nonce wins at the task's own difficulty.
fn reaches(task: &Task, nonce: u64) -> bool {
    let target = task.difficulty().target();
    Solution::verify(&task.challenge(), &target, nonce).is_ok()
}
