//! Dashboards for Grafana: what they ask for, and whether that is printed.

#![expect(
    clippy::std_instead_of_alloc,
    reason = "nothing here is to move to the core"
)]

use std::{collections::BTreeMap, fs};

use serde_json::Value;

use super::{markdown, text};

/// What Prometheus itself adds to each line.
const ADDED: [&str; 2] = ["instance", "job"];

/// Every query of a dashboard of the book, and the labels that its legend shows.
pub(crate) fn queries(name: &str) -> Vec<(String, Vec<String>)> {
    let path = markdown::root().join("docs/src/grafana").join(name);
    let file = fs::read_to_string(path).expect("a dashboard");
    let dashboard: Value = serde_json::from_str(&file).expect("JSON");
    let panels = dashboard["panels"].as_array().expect("panels").iter();
    let targets = panels.flat_map(|panel| panel["targets"].as_array().expect("queries"));
    let queries: Vec<_> = targets
        .map(|target| {
            let legend = text(target, "legendFormat");
            let labels = legend.split("{{").skip(1);
            let labels = labels.map(|it| it.split("}}").next().expect("it begins").to_owned());
            (text(target, "expr").to_owned(), labels.collect())
        })
        .collect();
    assert!(queries.len() >= 15, "{}", queries.len());
    queries
}

/// The labels of each metric that is printed, by its name.
pub(crate) fn printed(metrics: &str) -> BTreeMap<&str, Vec<&str>> {
    let lines = metrics.lines().filter(|line| !line.starts_with('#'));
    let metrics = lines.map(|line| {
        let (name, rest) = line.split_at(line.find(['{', ' ']).expect("a value"));
        let labels = rest
            .strip_prefix('{')
            .map_or("", |it| it.rsplit_once('}').expect("an end").0);
        let labels = labels
            .split("=\"")
            .filter_map(|it| it.rsplit([',', '"']).next());
        (name, labels.filter(|it| !it.is_empty()).collect())
    });
    metrics.collect()
}

/// The words of a query that are names.
pub(crate) fn names(query: &str) -> impl Iterator<Item = &str> {
    let words = query.split(|it: char| !it.is_ascii_alphanumeric() && it != '_');
    words.filter(|word| word.contains(|it: char| it.is_ascii_alphabetic()))
}

/// Whether each query asks for metrics and labels that this page prints, and is told apart from that of another machine.
pub(crate) fn check(queries: &[(String, Vec<String>)], page: &str) {
    let printed = printed(page);
    for (query, legend) in queries {
        // Two rigs may have the same goal.
        let is_told_apart = legend.is_empty() || legend.iter().any(|it| it == "instance");
        assert!(is_told_apart, "{query}: {legend:?}");
        let is_metric = |it: &&str| it.starts_with("btpow_") || it.starts_with("process_");
        let metrics: Vec<_> = names(query).filter(is_metric).collect();
        assert!(!metrics.is_empty(), "{query}");
        let mut labels = ADDED.to_vec();
        for metric in metrics {
            let known = printed.get(metric);
            labels.extend(known.unwrap_or_else(|| panic!("{metric} of {query} in:\n{page}")));
        }
        // What braces and parentheses name.
        let selectors = query.split('{').skip(1).flat_map(|it| it.split('}').next());
        let selectors = selectors.flat_map(|it| it.split(',')).map(|it| {
            let end = it.find(['=', '!']).expect("a comparison");
            it[..end].trim()
        });
        let groups = query
            .split("by (")
            .skip(1)
            .flat_map(|it| it.split(')').next());
        let groups = groups.flat_map(|it| it.split(',')).map(str::trim);
        for label in selectors
            .chain(groups)
            .chain(legend.iter().map(String::as_str))
        {
            assert!(labels.contains(&label), "{label} of {query}: {labels:?}");
        }
    }
}
