//! Every link leads somewhere. What is on other hosts is not asked.

use std::path::Path;

use crate::common::markdown::{self, Page};

/// Where the files of the repository are for a reader of the book: pages outside it are not part of it.
const REPOSITORY: [&str; 2] = [
    "https://github.com/btpow/btpow/blob/main/",
    "https://github.com/btpow/btpow/tree/main/",
];

/// What people read beside the book.
const OTHERS: [&str; 9] = [
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "kernels/README.md",
    "shaders/README.md",
    "tests/devnet/README.md",
    "web/README.md",
    "web/page/README.md",
];

#[test]
fn every_link_of_the_book_leads_somewhere() {
    let others = OTHERS.iter().map(|name| Page::read(name));
    let pages: Vec<_> = markdown::book().into_iter().chain(others).collect();
    let links = pages
        .iter()
        .flat_map(|page| page.links.iter().map(move |link| (page, link)));
    let mut followed = 0;
    let mut complaints = Vec::new();
    for (page, (line, to)) in links {
        let Some(result) = follow(page, to) else {
            continue;
        };
        followed += 1;
        if let Err(reason) = result {
            complaints.push(format!("{}:{line}: {to}: {reason}", page.name));
        }
    }
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
    assert!(followed > 100, "only {followed} links");
}

/// What is wrong with a link of a page; none if it leads to another host.
fn follow(page: &Page, to: &str) -> Option<Result<(), &'static str>> {
    let (to, anchor) = to.split_once('#').unwrap_or((to, ""));
    let of_repository = REPOSITORY.iter().find_map(|it| to.strip_prefix(it));
    let path = match of_repository {
        Some(path) => markdown::root().join(path),
        None if to.contains(':') => return None,
        None if to.is_empty() => page.path.clone(),
        None => page.path.parent().expect("a folder").join(to),
    };
    Some(arrive(page, &path, anchor, of_repository.is_some()))
}

fn arrive(page: &Page, path: &Path, anchor: &str, is_outside: bool) -> Result<(), &'static str> {
    let Ok(path) = path.canonicalize() else {
        return Err("there is no such file");
    };
    let book = markdown::root().join("docs/src");
    let book = book.canonicalize().expect("a folder");
    let is_page = page.name.starts_with("docs/src/");
    if is_page && !is_outside && !path.starts_with(&book) {
        return Err("it leaves the book: give the address in the repository");
    }
    if anchor.is_empty() {
        return Ok(());
    }
    let root = markdown::root().canonicalize().expect("a folder");
    let name = path.strip_prefix(root).map_err(|_| "it leaves the clone")?;
    let other = Page::read(&name.display().to_string());
    let is_there = other.anchors.contains(anchor);
    is_there.then_some(()).ok_or("no heading has this name")
}

#[test]
fn a_link_of_the_book_that_leads_nowhere_is_found() {
    let page = Page::read("docs/src/start.md");
    for (to, expected) in [
        ("register.md", Some(Ok(()))),
        ("register.md#look-first", Some(Ok(()))),
        ("register.md#nowhere", Some(Err("no heading has this name"))),
        ("nowhere.md", Some(Err("there is no such file"))),
        ("https://example.org/nowhere", None),
        (
            "../../SECURITY.md",
            Some(Err(
                "it leaves the book: give the address in the repository",
            )),
        ),
        (
            "https://github.com/btpow/btpow/blob/main/SECURITY.md",
            Some(Ok(())),
        ),
        (
            "https://github.com/btpow/btpow/blob/main/nowhere.md",
            Some(Err("there is no such file")),
        ),
    ] {
        assert_eq!(follow(&page, to), expected, "{to}");
    }
}
