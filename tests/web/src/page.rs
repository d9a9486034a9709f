//! The functions that the page calls.

use std::panic;

use btpow_conformance::device::check_with;
use btpow_core::Micros;
use btpow_wgpu::{Adapter, Options, Preference, Trouble, Tuning};
use wasm_bindgen::prelude::*;

use crate::suite;

/// The longest step of the page's own thread: one frame.
const FRAME: Micros = 16_000;

/// The tunings for the conformance suite: every variant, every workgroup size.
const TUNINGS: [&str; 4] = ["flat3x64", "flat2x128", "rolled3x32", "rolled2x256"];

const TESTS: [&str; 6] = [
    "recovers_within_a_round",
    "recovers_between_rounds",
    "is_given_up",
    "solves_without_blocking_the_page",
    "trial_finds_a_tuning",
    NO_ADAPTER,
];

/// The only test that needs a browser without an adapter.
const NO_ADAPTER: &str = "says_that_there_is_no_adapter";

#[wasm_bindgen(inline_js = "
    const { port1, port2 } = new MessageChannel();
    // Unlike a timer, a message comes back as soon as the page has finished its other work.
    export const pause = () => new Promise((resolve) => {
        port1.onmessage = resolve;
        port2.postMessage(0);
    });
")]
extern "C" {
    async fn pause();
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = console, js_name = error)]
    fn complain(text: &str);
}

/// The names of all tests.
#[wasm_bindgen]
pub fn names() -> Vec<String> {
    let suites = TUNINGS.map(|tuning| format!("conformance_{tuning}"));
    suites.into_iter().chain(TESTS.map(str::to_owned)).collect()
}

/// Runs a test. Returns what it reports.
///
/// # Panics
///
/// The test fails. That ends the page.
#[wasm_bindgen]
pub async fn run(name: String) -> String {
    panic::set_hook(Box::new(|panic| complain(&panic.to_string())));
    let adapter = Adapter::request(Preference::HighPerformance).await;
    if name == NO_ADAPTER {
        let trouble = adapter.err();
        assert!(
            matches!(trouble, Some(Trouble::NoAdapter(_))),
            "{trouble:?}"
        );
        return String::new();
    }
    let adapter = adapter.expect("the browser has an adapter");
    if let Some(tuning) = name.strip_prefix("conformance_") {
        let tuning = tuning.parse().expect("a tuning");
        let options = Options::new("wgpu:0", tuning);
        let mut device = adapter.open(options).await.expect("the adapter opens");
        check_with(&mut device, async || pause().await).await;
        return String::new();
    }
    match name.as_str() {
        "recovers_within_a_round" => {
            suite::recovers_within_a_round(&adapter, &async || pause().await).await;
        }
        "recovers_between_rounds" => {
            suite::recovers_between_rounds(&adapter, &async || pause().await).await;
        }
        "is_given_up" => suite::is_given_up(&adapter, &async || pause().await).await,
        "solves_without_blocking_the_page" => return solves(&adapter).await,
        "trial_finds_a_tuning" => return trial(&adapter).await,
        _ => panic!("there is no test {name}"),
    }
    String::new()
}

async fn solves(adapter: &Adapter) -> String {
    let options = Options::new("wgpu:0", Tuning::SAFE);
    let device = adapter.open(options).await.expect("the adapter opens");
    let mut steps = suite::solves(device, &async || pause().await).await;
    steps.sort_unstable();
    // A busy machine interrupts a page now and then; code that blocks by design does so often.
    let long = steps.iter().filter(|&&step| step > FRAME).count();
    let longest = steps.last().copied().unwrap_or(0);
    assert!(
        long * 100 <= steps.len(),
        "{long} of {} steps took longer than a frame, one {longest} µs",
        steps.len()
    );
    format!("{} steps, the longest took {longest} µs", steps.len())
}

async fn trial(adapter: &Adapter) -> String {
    let limit = core::time::Duration::from_secs(3);
    let mut trials = Vec::new();
    let tell = |trial: &btpow_wgpu::Trial| {
        let rate = trial.outcome.as_ref().map_or(0.0, |it| it.rate / 1e6);
        trials.push(format!("{} {rate:.2} MH/s", trial.tuning));
    };
    let tuning = adapter
        .tune(None, limit, tell)
        .await
        .expect("something runs");
    format!("{adapter}: {tuning} of {}", trials.join(", "))
}
