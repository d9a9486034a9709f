//! `cargo xtask kernels`: the CUDA kernels as PTX, and their cost in machine instructions.
//!
//! Neither needs a card or a CUDA toolkit: the compiler, the assembler and the disassembler come from PyPI, pinned here
//! so that every machine makes the same bytes.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Map, Value};

use crate::outcome::Outcome;
use crate::tools::Venv;
use crate::workspace::Workspace;

/// NVRTC of CUDA 12.0 makes PTX 8.0, which every driver since 525 accepts. ptxas and nvdisasm only count: on a user's
/// machine the driver has its own.
pub(crate) const TOOLS: Venv = Venv {
    name: "kernels",
    requirements: &[
        // Otherwise pip fetches some hundred megabytes of libraries that none of these tools needs.
        "--no-deps",
        "nvidia-cuda-nvrtc-cu12==12.0.140",
        "nvidia-cuda-nvcc==13.5.37",
        "triton==3.9.0",
    ],
};

/// The oldest chips that the kernels are compiled for: Turing.
const OLDEST: &str = "compute_75";

/// The chips for which instructions are counted: A100, RTX 30, RTX 40, H100 and H200, RTX 50.
const CHIPS: &str = "sm_80 sm_86 sm_89 sm_90 sm_120";

/// The variants that leave all choices of arithmetic to the compiler, for which there are fixed limits.
const PLAIN: [&str; 2] = ["a", "a-shared"];

/// The most instructions for a nonce on any chip, in a plain variant: v1, which shares its schedules, and legacy.
const MOST_V1: u64 = 4_972;
const MOST_LEGACY: u64 = 5_345;

/// The rounds of Keccak in the loop: 1 to 21.
const LOOPED_ROUNDS: u64 = 21;

const BUDGETS: &str = "kernels/budgets.json";

/// An entry of `kernels/variants.json`.
struct Variant {
    name: String,
    /// The compiler's options.
    definitions: Vec<String>,
    /// How often a nonce runs through the loop of Keccak's rounds.
    turns: u64,
}

/// Costs by chip and kernel.
type Costs = Map<String, Value>;

/// Makes the PTX of all variants and counts the instructions.
///
/// # Errors
///
/// When a tool is missing or does not succeed.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let mut budgets = Map::new();
    for variant in variants(workspace)? {
        let committed = committed(workspace, &variant);
        compile(workspace, &variant, &committed)?;
        let costs = count(workspace, &variant, &committed)?;
        budgets.insert(variant.name, costs.into());
    }
    let text = serde_json::to_string_pretty(&budgets)? + "\n";
    fs::write(workspace.at(BUDGETS), text).with_context(|| format!("cannot write {BUDGETS}"))
}

/// The step `kernels`: the committed PTX matches its source.
///
/// # Errors
///
/// When a tool is missing or does not succeed.
pub(crate) fn up_to_date(workspace: &Workspace, outcome: &mut Outcome) -> Result<()> {
    let made = workspace.target_for("kernels");
    fs::create_dir_all(&made)?;
    let variants = variants(workspace)?;
    for variant in &variants {
        let fresh = made.join(format!("{}.ptx", variant.name));
        compile(workspace, variant, &fresh)?;
        let name = format!("kernels/ptx/{}.ptx", variant.name);
        if fs::read(committed(workspace, variant)).ok() == Some(fs::read(fresh)?) {
            outcome.pass();
        } else {
            outcome.fail(format!(
                "{name} is not what its source makes: run `cargo xtask kernels`"
            ));
        }
    }
    let files = fs::read_dir(workspace.at("kernels/ptx"))?.count();
    ensure!(
        files == variants.len(),
        "kernels/ptx holds {files} files for {} variants",
        variants.len()
    );
    Ok(())
}

/// The step `kernels-sass`: no kernel costs more than its budget, and none spills registers.
///
/// # Errors
///
/// When a tool is missing or does not succeed.
pub(crate) fn within_budget(workspace: &Workspace, outcome: &mut Outcome) -> Result<()> {
    let text = fs::read_to_string(workspace.at(BUDGETS))?;
    let budgets: Value =
        serde_json::from_str(&text).with_context(|| format!("{BUDGETS} is not JSON"))?;
    for variant in variants(workspace)? {
        for (chip, kernels) in count(workspace, &variant, &committed(workspace, &variant))? {
            let kernels = kernels.as_object().context("sass.py names no kernel")?;
            for (kernel, cost) in kernels {
                let budget = &budgets[&variant.name][&chip][kernel];
                let excess = excess(&variant.name, kernel, cost, budget);
                if excess.is_empty() {
                    outcome.pass();
                } else {
                    let name = format!("{} on {chip}, {kernel}", variant.name);
                    outcome.fail(format!("{name}: {}", excess.join(", ")));
                }
            }
        }
    }
    Ok(())
}

/// The parts of a cost that exceed the budget.
fn excess(variant: &str, kernel: &str, cost: &Value, budget: &Value) -> Vec<String> {
    let mut excess = Vec::new();
    let mut limit = |what: &str, cost: u64, most: u64| {
        if cost > most {
            excess.push(format!("{what} {cost}, at most {most}"));
        }
    };
    let number = |value: &Value| value.as_u64().unwrap_or(0);
    for never in ["stack", "spills"] {
        limit(never, number(&cost[never]), 0);
    }
    for what in ["instructions", "registers", "per_index"] {
        limit(what, number(&cost[what]), number(&budget[what]));
    }
    for what in ["LOP3", "SHF", "IADD3", "IMAD", "IMAD.WIDE"] {
        let of = |value: &Value| number(&value["operations"][what]);
        limit(what, of(cost), of(budget));
    }
    if PLAIN.contains(&variant) {
        let most = if kernel.starts_with("v1") {
            MOST_V1
        } else {
            MOST_LEGACY
        };
        limit(
            "instructions whatever the budget",
            number(&cost["instructions"]),
            most,
        );
    }
    excess
}

fn committed(workspace: &Workspace, variant: &Variant) -> PathBuf {
    workspace.at(format!("kernels/ptx/{}.ptx", variant.name))
}

fn compile(workspace: &Workspace, variant: &Variant, result: &Path) -> Result<()> {
    let python = workspace.ensure_venv(&TOOLS)?;
    let mut nvrtc = workspace
        .program(python, "kernels/tools/nvrtc.py kernels/cuda/search.cu")
        .arg(result)
        .args(&format!(
            "--gpu-architecture={OLDEST} --std=c++17 -Ikernels/cuda"
        ));
    for definition in &variant.definitions {
        nvrtc = nvrtc.arg(definition);
    }
    nvrtc.run()
}

fn count(workspace: &Workspace, variant: &Variant, ptx: &Path) -> Result<Costs> {
    let python = workspace.ensure_venv(&TOOLS)?;
    let counted = workspace
        .program(python, "kernels/tools/sass.py")
        .arg(ptx)
        .args(&format!("{} {CHIPS}", variant.turns))
        .output()?;
    serde_json::from_str(&counted).context("sass.py did not print its JSON")
}

fn variants(workspace: &Workspace) -> Result<Vec<Variant>> {
    let text = fs::read_to_string(workspace.at("kernels/variants.json"))?;
    let entries: Vec<Value> = serde_json::from_str(&text)?;
    if entries.is_empty() {
        bail!("kernels/variants.json lists no variant");
    }
    entries.iter().map(Variant::read).collect()
}

impl Variant {
    fn read(entry: &Value) -> Result<Self> {
        let field = |name: &str| {
            entry
                .get(name)
                .with_context(|| format!("{entry} has no {name}"))
        };
        let number = |name: &str| {
            let value = field(name)?;
            value
                .as_u64()
                .with_context(|| format!("{name} of {entry} is no number"))
        };
        let text = |name: &str| {
            let value = field(name)?;
            value
                .as_str()
                .with_context(|| format!("{name} of {entry} is no text"))
        };
        let rounds = number("rounds")?;
        let shared = match text("schedule")? {
            "thread" => 0,
            "block" => 1,
            other => bail!("{other} keeps no schedule: expected thread or block"),
        };
        ensure!(
            rounds > 0 && LOOPED_ROUNDS.is_multiple_of(rounds),
            "{rounds} does not divide {LOOPED_ROUNDS}"
        );
        Ok(Self {
            name: text("name")?.to_owned(),
            definitions: vec![
                format!("-DSEAL_SUMS_MULTIPLY={}", number("sums")?),
                format!("-DSEAL_ROTATIONS_MULTIPLY={}", text("rotations")?),
                format!("-DSEAL_ROUNDS={rounds}"),
                format!("-DBLOCK_THREADS={}", number("threads")?),
                format!("-DSEAL_SHARED_SCHEDULE={shared}"),
            ],
            turns: LOOPED_ROUNDS / rounds,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_exceeds_its_budget_is_told() {
        let budget = json!({"instructions": 5000, "registers": 78, "operations": {"LOP3": 3000}});
        let mut cost = budget.clone();
        assert!(excess("b", "v1", &cost, &budget).is_empty());
        cost["spills"] = json!(8);
        cost["operations"]["LOP3"] = json!(3001);
        assert_eq!(
            excess("b", "v1", &cost, &budget),
            ["spills 8, at most 0", "LOP3 3001, at most 3000"]
        );
        let heavy = json!({"instructions": 5043});
        for (variant, kernel, times) in [
            ("a", "v1", 1),
            ("a-shared", "v1_shared", 1),
            ("a", "legacy_big", 0),
            ("b", "v1", 0),
        ] {
            let excess = excess(variant, kernel, &heavy, &heavy);
            assert_eq!(excess.len(), times, "this budget cannot be raised");
        }
        assert_eq!(
            excess("b", "v1", &heavy, &Value::Null).len(),
            1,
            "no budget is none"
        );
    }
}
