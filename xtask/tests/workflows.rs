//! Rules for every workflow in `.github/workflows`.

use std::{fs, path::Path};

/// The workflows, each with its name. This reads only block style with two spaces, which all of them use.
fn workflows() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.github/workflows");
    let mut workflows = Vec::new();
    for file in fs::read_dir(folder).expect("workflows") {
        let path = file.expect("a file").path();
        let text = fs::read_to_string(&path).expect("text");
        let name = path.file_name().expect("a name").to_string_lossy();
        workflows.push((name.into_owned(), text));
    }
    assert!(!workflows.is_empty(), "no workflow was found");
    workflows
}

/// The jobs of a workflow: each one's lines, its name first.
fn jobs(text: &str) -> Vec<Vec<&str>> {
    let mut jobs: Vec<Vec<&str>> = Vec::new();
    for line in text.lines().skip_while(|line| *line != "jobs:").skip(1) {
        let is_name = line.starts_with("  ") && !line[2..].starts_with([' ', '#']);
        match jobs.last_mut() {
            _ if is_name => jobs.push(vec![line]),
            Some(job) => job.push(line),
            None => (),
        }
    }
    jobs
}

/// A tag can be moved to other code; a hash cannot.
#[test]
fn actions_are_pinned_by_hash() {
    for (name, text) in workflows() {
        let mut actions = 0;
        for line in text.lines().filter(|line| line.contains("uses:")) {
            let pinned = line
                .split_once('@')
                .and_then(|(_, pin)| pin.split_once(" # v"));
            let (hash, version) = pinned.unwrap_or_else(|| panic!("{name}: {line}"));
            let hexadecimal = hash.bytes().all(|it| it.is_ascii_hexdigit());
            assert!(hexadecimal && hash.len() == 40, "{name}: {line}");
            assert_eq!(version.split('.').count(), 3, "{name}: {line}");
            actions += 1;
        }
        assert!(actions > 0, "{name} uses no action");
    }
}

/// An action at two versions means that somebody forgot one.
#[test]
fn an_action_has_one_version() {
    let mut pins: Vec<String> = Vec::new();
    for (_, text) in workflows() {
        let uses = text.lines().filter_map(|line| line.split_once("uses: "));
        pins.extend(uses.map(|(_, pin)| pin.to_owned()));
    }
    pins.sort();
    pins.dedup();
    let actions: Vec<_> = pins.iter().map(|pin| pin.split('@').next()).collect();
    let mut once = actions.clone();
    once.dedup();
    assert_eq!(actions, once, "{pins:?}");
}

#[test]
fn a_job_has_no_right_that_it_does_not_name_and_ends_by_itself() {
    for (name, text) in workflows() {
        assert!(
            text.lines().any(|line| line == "permissions: {}"),
            "{name} takes rights for all of its jobs"
        );
        let jobs = jobs(&text);
        assert!(!jobs.is_empty(), "{name} has no job");
        for job in jobs {
            let has = |key: &str| job.iter().any(|line| line.starts_with(key));
            assert!(has("    permissions:"), "{name}: {job:?}");
            assert!(has("    timeout-minutes: "), "{name}: {job:?}");
            assert!(
                !job.iter().any(|line| line.contains("write-all")),
                "{name}: {job:?}"
            );
        }
    }
}

/// A job that may write or sign would do so for whoever wrote the code that it runs.
#[test]
fn what_can_publish_runs_no_code_of_this_repository() {
    let mut publishers = 0;
    for (name, text) in workflows() {
        for job in jobs(&text) {
            let rights = job.iter().skip_while(|line| **line != "    permissions:");
            let mut rights = rights.skip(1).take_while(|line| line.starts_with("      "));
            if !rights.any(|line| line.contains(": write")) {
                continue;
            }
            publishers += 1;
            for line in &job {
                let runs_ours = line.contains("checkout") || line.contains("cargo");
                assert!(!runs_ours, "{name}: {line}");
            }
            // A person agrees first.
            let has_environment = job.iter().any(|line| line.starts_with("    environment: "));
            assert!(has_environment, "{name}: {job:?}");
        }
    }
    assert!(publishers > 0, "nothing publishes");
}

/// Whoever opens a pull request chooses what runs.
#[test]
fn pull_requests_are_tested_with_no_right_but_to_read() {
    let workflows = workflows();
    let (_, ci) = workflows
        .iter()
        .find(|(name, _)| name == "ci.yml")
        .expect("ci.yml");
    assert!(ci.lines().any(|line| line == "  pull_request:"));
    let named: Vec<_> = ci
        .lines()
        .skip_while(|line| *line != "    permissions:")
        .skip(1)
        .take_while(|line| line.starts_with("      "))
        .collect();
    assert_eq!(named, ["      contents: read"]);
    for (name, text) in &workflows {
        assert!(!text.contains("pull_request_target"), "{name}");
        assert!(name == "ci.yml" || !text.contains("pull_request"), "{name}");
    }
    assert!(!ci.contains("secrets."), "a secret is a right as well");
}

#[test]
fn jobs_are_told_apart() {
    let text = "on: push\njobs:\n  # first\n  a:\n    steps:\n      - run: x\n  b:\n    needs: a\n";
    let jobs = jobs(text);
    assert_eq!(jobs.len(), 2);
    assert_eq!(jobs[0], ["  a:", "    steps:", "      - run: x"]);
    assert_eq!(jobs[1], ["  b:", "    needs: a"]);
}
