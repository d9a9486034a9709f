//! What a session reports, in the program's words. Messages are one line.

pub mod fleet;

use core::time::Duration;

use btpow_registration::{
    Denial, Obstacle, PoolRefusal,
    session::{Attempts, End, Event, Limit, Pause, Setback},
};
use indicatif::HumanCount;

use crate::{pauses::Reason, report::units};

/// That a proof waits for another one of the same account.
pub const ACCOUNT_BUSY: &str =
    "proof found; held back until another registration of the same signer is in a block";

/// How a session ended, among others.
pub fn end(end: &End) -> String {
    match end {
        End::Registered { uid, already, .. } => {
            let already = if *already { "already " } else { "" };
            format!("{already}registered as UID {uid}")
        }
        End::Given { amount, .. } => format!("given {}", units::tao(*amount)),
        End::Denied(why) => format!("given up: {}", denial(why)),
        End::Exhausted { limit, last } => format!("given up: {}", exhausted(*limit, last.as_ref())),
    }
}

/// What happened.
pub fn event(event: &Event) -> String {
    match event {
        Event::Reorganised { block } => {
            format!("block {block}: the chain was re-organised; proofs are checked again")
        }
        Event::DifficultyRose { difficulty } => {
            format!("the difficulty rose to {}", HumanCount(difficulty.get()))
        }
        Event::HeldBack { block } => format!(
            "proof found; held back, as block {block} has all the registrations it may have; mining on"
        ),
        Event::Submitting {
            work_block,
            seal,
            blocks_left,
            ..
        } => {
            let left = units::more_blocks(*blocks_left);
            format!("proof for block {work_block}, seal {seal}; counts for {left}; submitting")
        }
        Event::Waiting => "submitted; waiting for a block".to_owned(),
        Event::Refused(refusal @ PoolRefusal::Custom(_)) => {
            format!("the pool did not take the proof: {refusal}; the next block will tell")
        }
        Event::Refused(refusal) => format!("{refusal}; waiting for a block"),
        Event::Included { uid, .. } => {
            let what = uid.map_or_else(
                || "given".to_owned(),
                |uid| format!("registered as UID {uid}"),
            );
            format!("{what}; waiting until the block is final")
        }
        Event::Unreadable { reason } => format!(
            "a block holds the submission, but cannot be read ({reason}); the next one will tell"
        ),
        Event::Retracted => {
            "the block that held the registration was replaced; still waiting".to_owned()
        }
        Event::LostSight { reason } => {
            let lost = lost_sight(reason);
            format!("{lost}; checking the chain for it")
        }
        Event::Doubtful(why) => {
            let why = setback(why);
            format!("{why}; a block may already hold it: the next one will tell")
        }
        Event::Failed {
            setback: why,
            attempts,
        } => {
            let count = attempts.map_or_else(String::new, |Attempts { failed, most }| {
                format!(" ({failed} of {most} attempts)")
            });
            format!("{}; mining on{count}", setback(why))
        }
    }
}

/// Why nothing is mined for now; `is_all` says whether that is so for all goals.
pub fn pause(pause: &Pause, is_all: bool) -> String {
    let pauses = if is_all { "mining pauses" } else { "it waits" };
    match pause {
        Pause::Closed(obstacle) => format!("{obstacle}; waiting until that changes"),
        Pause::TooHard { difficulty, most } => format!(
            "the difficulty {} is above --max-difficulty {}; {pauses}",
            HumanCount(difficulty.get()),
            HumanCount(most.get())
        ),
        Pause::TooLong { expected, most } => format!(
            "a proof would take {} on average, more than --max-expected {}; {pauses}",
            units::time(expected.as_secs_f64()),
            units::time(most.as_secs_f64())
        ),
    }
}

/// The same in a status, which has no room for more.
pub(super) fn waiting(pause: &Pause) -> String {
    match pause {
        Pause::Closed(_) => "waiting for the subnet to open".to_owned(),
        Pause::TooHard { difficulty, .. } => {
            let difficulty = HumanCount(difficulty.get());
            format!("difficulty {difficulty} above --max-difficulty")
        }
        Pause::TooLong { expected, .. } => {
            let expected = units::time(expected.as_secs_f64());
            format!("expected {expected} above --max-expected")
        }
    }
}

/// Why no device works, in a status.
pub const fn resting(reason: Reason) -> &'static str {
    match reason {
        Reason::Temperature => "too hot",
        Reason::Power => "too much power",
        Reason::Battery => "on battery",
        Reason::Use => "the machine is used",
        Reason::Chain | Reason::Closed | Reason::Difficulty | Reason::ExpectedTime => "waiting",
    }
}

/// That a pause is over, at a block; `is_all` says whether for all goals, which are mined then.
pub fn resumed(reason: Reason, block: Option<u64>, is_all: bool) -> String {
    let block = block.map_or_else(String::new, |number| format!("block {number}: "));
    match (reason, is_all) {
        (Reason::Closed, true) => format!("{block}the subnet takes proofs now; mining"),
        (Reason::Closed, false) => format!("{block}the subnet takes proofs now"),
        (_, true) => format!("{block}mining goes on"),
        (_, false) => format!("{block}it waits no longer"),
    }
}

/// That a connection is of no use any more: it is lost, or told of no block for as long as `silence`.
pub fn lost(endpoint: &str, reason: &str, silence: Option<Duration>, is_paused: bool) -> String {
    let mining = if is_paused { "" } else { ", mining on" };
    match silence {
        Some(silence) => format!(
            "warning: no new block for {} s at {endpoint}; connecting again{mining}",
            silence.as_secs()
        ),
        None => format!(
            "warning: the connection to {endpoint} is lost ({reason}); connecting again{mining}"
        ),
    }
}

/// Why a submission came to nothing.
pub fn setback(setback: &Setback) -> String {
    match setback {
        Setback::Refused(refusal) => return format!("the pool refused the proof: {refusal}"),
        Setback::Gone(gone) => return format!("the pool dropped the proof ({})", gone.name()),
        Setback::Failed(refusal) => return format!("the chain refused the proof: {refusal}"),
        Setback::Lost { reason } => return lost_sight(reason),
        Setback::SignedInVain { work_block, .. } => {
            return format!("the proof for block {work_block} could no longer be sent");
        }
        Setback::FailedInBlock => "the submission failed in its block",
        Setback::TooLate => "the proof came too late",
        Setback::NotIncluded => "no block took the proof in time",
        Setback::Replaced => "another transaction of the account was taken instead",
        Setback::DifficultyRose => "the difficulty rose before the proof was included",
        Setback::BlockFull => "somebody else took the block's registration",
    }
    .to_owned()
}

fn lost_sight(reason: &str) -> String {
    format!("lost sight of the submission ({reason})")
}

/// Why the chain takes no proof, and what to do about it.
pub fn denial(denial: &Denial) -> String {
    match denial {
        Denial::Runtime(refusal) => refusal.to_string(),
        Denial::Upgraded { protocol } => format!(
            "the runtime was upgraded and now takes {protocol} proofs; run the command again"
        ),
        Denial::Standing(obstacle) => format!("{obstacle}{}", hint(*obstacle)),
        Denial::Chain(refusal) => format!("the chain refused the proof: {refusal}"),
        // The type may grow; each reason has a name.
        other => format!("the chain takes no proof: {}", other.name()),
    }
}

/// What to do about it, where the user can do something and a command of this program helps.
const fn hint(obstacle: Obstacle) -> &'static str {
    match obstacle {
        Obstacle::NoSubnet { .. } => {
            "; `btpow subnets` lists those with proof of work, `btpow register --wait-open` waits for this one"
        }
        Obstacle::PowOff { .. } => {
            "; `btpow subnets` lists those that do, `btpow register --wait-open` waits for this one"
        }
        Obstacle::NoPlaces { .. } | Obstacle::NoRegistrations { .. } => {
            "; `btpow register --wait-open` waits until then"
        }
        _ => "",
    }
}

/// Why a session gave up.
pub fn exhausted(limit: Limit, last: Option<&Setback>) -> String {
    let last = last.map_or_else(|| "nothing came of it".to_owned(), setback);
    let no_more = match limit {
        Limit::Attempts(most) => {
            format!("no more attempts after {most}; give more with --attempts")
        }
        Limit::Signatures(most) => {
            format!("no more signatures after {most}; give --attempts above that for more")
        }
    };
    format!("{last}; {no_more}")
}

#[cfg(test)]
mod tests {
    use btpow_registration::{DispatchRefusal, Gone};

    use super::*;

    #[test]
    fn every_setback_says_something_of_its_own() {
        let name = "SubtensorModule.InvalidSeal".to_owned();
        let said = [
            (Setback::Refused(PoolRefusal::Outdated), "it is outdated"),
            (Setback::Gone(Gone::Usurped), "(usurped)"),
            (Setback::Failed(DispatchRefusal::plain(name)), "InvalidSeal"),
            (Setback::FailedInBlock, "failed in its block"),
            (Setback::TooLate, "came too late"),
            (Setback::NotIncluded, "no block took"),
            (Setback::Replaced, "another transaction"),
            (Setback::DifficultyRose, "difficulty rose"),
            (Setback::BlockFull, "somebody else"),
        ];
        for (why, words) in said {
            let attempts = Some(Attempts { failed: 1, most: 3 });
            let text = setback(&why);
            assert!(text.contains(words), "{text}");
            let failed = event(&Event::Failed {
                setback: why,
                attempts,
            });
            assert!(failed.starts_with(&text), "{failed}");
        }
    }

    #[test]
    fn the_end_says_which_option_gives_more() {
        let last = exhausted(Limit::Attempts(3), Some(&Setback::TooLate));
        assert_eq!(
            last,
            "the proof came too late; no more attempts after 3; give more with --attempts"
        );
        let none = exhausted(Limit::Signatures(10), None);
        assert!(none.starts_with("nothing came of it; no more signatures after 10"));
    }

    #[test]
    fn a_denial_says_what_to_do() {
        let off = denial(&Obstacle::PowOff { netuid: 7 }.into());
        assert!(
            off.contains("; `btpow subnets` lists those that do, `btpow register --wait-open`"),
            "{off}"
        );
        let protocol = btpow_core::Protocol::V1;
        assert!(denial(&Denial::Upgraded { protocol }).ends_with("run the command again"));
    }
}
