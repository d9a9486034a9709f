//! The book in `docs`, and README.md, its cover: what they show is run, and what they promise is there.
//!
//! - [`exceptions`]: the commands that are not run as they are, each with its reason. What is neither run nor there fails.
//! - [`session`]: a reader who types the commands of a page, one after the other, in a folder of the page's own.
//! - [`likeness`]: whether what a page shows is what was printed, figures aside.

#![cfg(unix)]
#![expect(
    clippy::std_instead_of_alloc,
    reason = "nothing here is to move to the core"
)]

#[path = "../chain/mod.rs"]
mod chain;
#[path = "../common/mod.rs"]
mod common;

mod exceptions;
mod likeness;
mod links;
mod session;

use std::{
    collections::BTreeSet,
    fs,
    os::unix::fs::PermissionsExt as _,
    panic,
    path::Path,
    sync::{Mutex, PoisonError},
    thread,
};

use common::{
    markdown::{self, Block, Page},
    schema, told,
};
use exceptions::EXCEPTIONS;
use serde_json::Value;
use session::Session;

/// What a block may be, and the test that looks at it.
const KINDS: [&str; 11] = [
    "console",      // run, and compared
    "sh",           // run
    "toml",         // a settings file
    "json event",   // an event
    "json log",     // a line of a log
    "ini settings", // of the service: native/tests/systemd.rs
    "ini drop-in",  // likewise
    "ini rig",      // likewise
    "text nats",    // the configuration of a server: native/fleet/tests/nats
    "python",       // native/python/tests/readme.py
    "yaml",         // of Prometheus: native/tests/prometheus.rs
];

/// Whether a block is one of commands.
fn has_commands(block: &Block) -> bool {
    matches!(block.kind.as_str(), "console" | "sh")
}

/// How many pages are read at a time. Each has a chain, and blocks must not take longer than they last.
const READERS: usize = 2;

/// What one command of a page leaves is there for the next.
#[test]
fn every_command_of_the_book_runs_and_prints_what_it_shows() {
    let pages = markdown::book().into_iter();
    let pages = Mutex::new(pages.filter(|it| it.blocks.iter().any(has_commands)));
    let next = || pages.lock().unwrap_or_else(PoisonError::into_inner).next();
    let complaints = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..READERS {
            scope.spawn(|| {
                while let Some(page) = next() {
                    let wrong = panic::catch_unwind(|| read(&page));
                    let wrong = wrong.unwrap_or_else(|_| vec![format!("{}: see above", page.name)]);
                    let mut complaints = complaints.lock().unwrap_or_else(PoisonError::into_inner);
                    complaints.extend(wrong);
                }
            });
        }
    });
    let complaints = complaints
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner);
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n\n"));
}

/// Types what a page shows. Returns what is wrong with it.
fn read(page: &Page) -> Vec<String> {
    let session = Session::start(page);
    let blocks = page.blocks.iter().filter(|block| has_commands(block));
    let typed = blocks.map(|block| (block, session.follow(block)));
    let wrong = typed.filter_map(|(block, result)| {
        let complaint = result.err()?;
        Some(format!("{}:{}: {complaint}", page.name, block.line))
    });
    wrong.collect()
}

/// A command that is left out of the book, or changed, is left out here as well.
#[test]
fn every_exception_of_the_book_is_in_it() {
    let pages = markdown::book();
    let blocks = pages.iter().flat_map(|page| &page.blocks);
    let commands: Vec<_> = blocks
        .filter(|block| has_commands(block))
        .flat_map(session::commands)
        .collect();
    assert!(commands.len() > 30, "{commands:?}");
    let is_shown = |line: &str| commands.iter().any(|command| command.line == line);
    for (line, _) in EXCEPTIONS {
        assert!(is_shown(line), "no page shows {line:?}");
    }
}

#[test]
fn every_block_of_the_book_is_of_a_kind_that_is_tested() {
    for page in markdown::book() {
        for block in &page.blocks {
            let Block { line, kind, .. } = block;
            let is_known = KINDS.contains(&kind.as_str());
            assert!(is_known, "{}:{line}: {kind:?} is not a kind", page.name);
        }
    }
}

#[test]
fn every_settings_file_of_the_book_is_right() {
    let mut goals = 0;
    for (page, block) in blocks("toml") {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("config.toml");
        fs::write(&path, &block.text).expect("written");
        for line in block.text.lines() {
            if let Some(file) = line.strip_prefix("fleet-creds = ") {
                write_key(&folder.path().join(file.trim_matches('"')));
            }
        }
        let with_file = |arguments| {
            let mut command = common::btpow(arguments);
            told(&command.arg("--config").arg(&path).output().expect("starts"))
        };
        let (code, _, stderr) = with_file("config check");
        assert_eq!(code, Some(0), "{page}:{}: {stderr}", block.line);
        let (_, shown, _) = with_file("config show register --json");
        let shown: Value = serde_json::from_str(&shown).expect("JSON");
        goals += shown["goals"].as_array().map_or(0, Vec::len);
        schema::check("config", &schema::settings(&block.text));
    }
    assert!(goals > 0, "no page shows a goal");
}

/// Writes a key for the server of a fleet, which is for nothing else, and which nobody else can read.
fn write_key(file: &Path) {
    let key = "SUABV3YZJW7OQVYQXPP64ULEHB53JPBTUPHRLIRB35HTHB223LEXDRYZWU";
    fs::write(file, key).expect("written");
    fs::set_permissions(file, fs::Permissions::from_mode(0o600)).expect("changed");
}

#[test]
fn every_json_of_the_book_is_of_its_schema() {
    let kinds = KINDS.into_iter().filter(|kind| kind.starts_with("json "));
    for (page, block) in kinds.flat_map(blocks) {
        let name = block.kind.strip_prefix("json ").expect("a schema");
        let value = serde_json::from_str(&block.text);
        let value: Value = value.unwrap_or_else(|error| panic!("{page}:{}: {error}", block.line));
        schema::check(name, &value);
    }
}

/// All blocks of a kind, with the names of their pages; fails when there are none.
fn blocks(kind: &str) -> Vec<(String, Block)> {
    let pages = markdown::book();
    let of_kind = |page: &Page| {
        let blocks = page.blocks.iter().filter(|block| block.kind == kind);
        let named = blocks.map(|block| (page.name.clone(), block.clone()));
        named.collect::<Vec<_>>()
    };
    let found: Vec<_> = pages.iter().flat_map(of_kind).collect();
    assert!(!found.is_empty(), "no page has a block of {kind}");
    found
}

#[test]
fn every_page_of_the_book_is_in_its_summary() {
    let summary = Page::read("docs/src/SUMMARY.md");
    let listed: BTreeSet<_> = summary.links.iter().map(|(_, to)| to.clone()).collect();
    let pages = markdown::book();
    let names = pages
        .iter()
        .filter_map(|page| page.name.strip_prefix("docs/src/"));
    let pages: BTreeSet<_> = names
        .filter(|name| *name != "SUMMARY.md")
        .map(str::to_owned)
        .collect();
    assert_eq!(listed, pages);
}
