//! `btpow verify`: whether a nonce wins, by the reference.

use btpow_core::{AboveTarget, Seal, Solution};
use indicatif::HumanCount;

use crate::{
    cli::{self, VerifyArgs},
    exit::{Exit, Failure},
    output,
    report::json::{self, Verified},
};

/// Checks the nonce and says why when it does not win.
///
/// # Errors
///
/// [`Failure::Usage`], [`Failure::Output`].
pub fn run(args: &VerifyArgs) -> Result<Exit, Failure> {
    let task = args.challenge.task()?;
    let difficulty = cli::given_difficulty(args.difficulty)?;
    let nonce = cli::given_nonce(args.nonce)?;

    let outcome = Solution::verify(&task.challenge, &difficulty.target(), nonce);
    let seal = match &outcome {
        Ok(solution) => solution.seal(),
        Err(refusal) => refusal.seal,
    };
    let verdict = match (args.seal, outcome) {
        (Some(claimed), _) if claimed != seal => Verdict::SealDiffers { claimed },
        (_, Ok(_)) => Verdict::Wins,
        (_, Err(AboveTarget { factor, .. })) => Verdict::DifficultyNotMet { factor },
    };
    let valid = verdict == Verdict::Wins;
    let text = if args.json {
        json::line(&Verified {
            task: (&task).into(),
            difficulty: difficulty.get(),
            nonce,
            seal,
            valid,
            reason: verdict.reason(),
            factor: verdict.factor(),
            claimed_seal: args.seal,
        })
    } else {
        let difficulty = HumanCount(difficulty.get());
        let words = match verdict {
            Verdict::Wins => format!("valid: it wins at difficulty {difficulty}"),
            Verdict::SealDiffers { claimed } => {
                format!("not valid: the seal differs\nclaimed   {claimed}")
            }
            Verdict::DifficultyNotMet { factor } => format!(
                "not valid: difficulty {difficulty} is not met; \
                 the seal is {factor:.3} times the largest that wins"
            ),
        };
        format!("{words}\nnonce     {nonce}\nseal      {seal}\n")
    };
    output::answer(&text)?;
    Ok(if valid { Exit::Success } else { Exit::Failure })
}

/// The result of a check.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Verdict {
    /// The nonce wins.
    Wins,
    /// Its seal is not the claimed one.
    SealDiffers { claimed: Seal },
    /// Its seal is too large, by this factor.
    DifficultyNotMet { factor: f64 },
}

impl Verdict {
    const fn reason(self) -> Option<&'static str> {
        match self {
            Self::Wins => None,
            Self::SealDiffers { .. } => Some("seal_differs"),
            Self::DifficultyNotMet { .. } => Some("difficulty_not_met"),
        }
    }

    const fn factor(self) -> Option<f64> {
        match self {
            Self::DifficultyNotMet { factor } => Some(factor),
            _ => None,
        }
    }
}
