//! Reads the documents: their blocks of code, their links and where those can lead.

#![expect(
    clippy::std_instead_of_alloc,
    reason = "nothing here is to move to the core"
)]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

/// One document.
pub(crate) struct Page {
    /// Its path.
    pub(crate) path: PathBuf,
    /// The path from the clone, as errors have it.
    pub(crate) name: String,
    pub(crate) blocks: Vec<Block>,
    /// Targets of links and pictures, each with its line.
    pub(crate) links: Vec<(usize, String)>,
    /// What a link may name behind a `#`.
    pub(crate) anchors: BTreeSet<String>,
}

/// A fenced block of code.
#[derive(Clone)]
pub(crate) struct Block {
    /// Its first line, counted from 1: the one behind the fence.
    pub(crate) line: usize,
    /// What follows the fence: `console`, `json event`.
    pub(crate) kind: String,
    pub(crate) text: String,
}

/// The clone.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The pages of the book, and README.md, which is its cover.
pub(crate) fn book() -> Vec<Page> {
    let mut names = Vec::new();
    collect("docs/src", &mut names);
    names.sort();
    names.push("README.md".to_owned());
    assert!(names.len() > 10, "these are not all pages: {names:?}");
    names.iter().map(|name| Page::read(name)).collect()
}

fn collect(folder: &str, names: &mut Vec<String>) {
    for entry in fs::read_dir(root().join(folder)).expect("a folder") {
        let entry = entry.expect("an entry");
        let name = format!("{folder}/{}", entry.file_name().display());
        if entry.path().is_dir() {
            collect(&name, names);
        } else if entry.path().extension().is_some_and(|it| it == "md") {
            names.push(name);
        }
    }
}

impl Page {
    /// The document at a path of the clone.
    pub(crate) fn read(name: &str) -> Self {
        let path = root().join(name);
        let text =
            fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let mut page = Self {
            path,
            name: name.to_owned(),
            blocks: Vec::new(),
            links: Vec::new(),
            anchors: BTreeSet::new(),
        };
        page.parse(&text);
        page
    }

    /// The one block of this kind.
    #[track_caller]
    pub(crate) fn block(&self, kind: &str) -> &str {
        let mut found = self.blocks.iter().filter(|block| block.kind == kind);
        match (found.next(), found.next()) {
            (Some(block), None) => &block.text,
            _ => panic!("{} should have one block of {kind}", self.name),
        }
    }

    fn parse(&mut self, text: &str) {
        let line_of = |place: usize| 1 + text[..place].matches('\n').count();
        let mut block = None;
        let mut heading = None;
        let parser = Parser::new_ext(text, Options::ENABLE_TABLES);
        for (event, range) in parser.into_offset_iter() {
            match event {
                Event::Start(Tag::CodeBlock(kind)) => {
                    let kind = match kind {
                        CodeBlockKind::Fenced(kind) => kind.to_string(),
                        CodeBlockKind::Indented => String::new(),
                    };
                    let line = 1 + line_of(range.start);
                    let text = String::new();
                    block = Some(Block { line, kind, text });
                }
                Event::End(TagEnd::CodeBlock) => self.blocks.extend(block.take()),
                Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
                Event::End(TagEnd::Heading(_)) => {
                    self.anchors.extend(heading.take().map(|it| anchor(&it)));
                }
                Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                    self.links
                        .push((line_of(range.start), dest_url.to_string()));
                }
                Event::Text(text) | Event::Code(text) => {
                    if let Some(block) = &mut block {
                        block.text += &text;
                    } else if let Some(heading) = &mut heading {
                        *heading += &text;
                    }
                }
                _ => {}
            }
        }
    }
}

/// What GitHub and mdBook call a heading.
fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter_map(|c| match c {
        ' ' => Some('-'),
        '-' | '_' => Some(c),
        c => c.is_alphanumeric().then_some(c),
    });
    kept.flat_map(char::to_lowercase).collect()
}
