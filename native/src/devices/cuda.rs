//! NVIDIA cards, through CUDA.

use core::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};
use std::{
    sync::{Arc, OnceLock},
    time::Instant,
};

use btpow_core::{Candidates, Device, DeviceError, Info, Jobs, Poll, Round};
use btpow_cuda::{
    Card, CudaQueue, Driver, OpenError, Tuning,
    select::{SelectError, Selection},
    shape::Threads,
    telemetry::Telemetry,
    tune::{Plan, TrialError},
};
use tracing::{info, warn};

use super::{
    Unit,
    backend::{Absence, Backend, CannotOpen, Details, Listed, Objection, Options, Sensors},
    trials::{Trials, Tuned},
    tunings::Tunings,
};

/// The kind, and the start of its selectors.
const KIND: &str = "cuda";

/// The file that remembers what `btpow tune` finds.
const FILE: &str = "cuda-tunings.json";

/// All cards that the driver shows, listed once.
#[derive(Debug)]
pub struct Cuda {
    /// Threads of a block, if the user chose.
    threads: Option<Threads>,
    found: OnceLock<Result<(Driver, Vec<Card>), OpenError>>,
}

impl Cuda {
    /// The cards, used as the user chose.
    pub const fn new(options: Options) -> Self {
        Self {
            threads: options.threads_per_block,
            found: OnceLock::new(),
        }
    }

    fn found(&self) -> Result<&(Driver, Vec<Card>), &OpenError> {
        let look = || {
            let driver = Driver::load()?;
            let cards = driver.cards()?;
            Ok((driver, cards))
        };
        self.found.get_or_init(look).as_ref()
    }

    fn cards(&self) -> &[Card] {
        self.found().map_or(&[], |(_, cards)| cards)
    }

    fn card(&self, listed: &Listed) -> Option<&Card> {
        let mut cards = self.cards().iter();
        cards.find(|card| card.selector() == listed.name)
    }

    fn driver_and_card(&self, listed: &Listed) -> Result<(&Driver, &Card), OpenError> {
        let (driver, _) = self.found().map_err(OpenError::clone)?;
        let card = self.card(listed).ok_or(OpenError::NoCard)?;
        Ok((driver, card))
    }

    /// The remembered tuning of a card, with the user's choice.
    fn tuning(&self, card: &Card) -> Tuning {
        let mut tuning = known(card).unwrap_or_else(Tuning::untuned);
        if let Some(threads) = self.threads {
            tuning.shape.threads = threads;
            tuning.shape.blocks = None;
        }
        tuning
    }

    fn try_open(&self, listed: &Listed) -> Result<Vec<Unit>, OpenError> {
        let (driver, card) = self.driver_and_card(listed)?;
        let tuning = self.tuning(card);
        info!(name = listed.name, %tuning, "opening a card");
        let queues = driver.open(card, tuning.variant, tuning.shape)?;
        let explained = Arc::new(AtomicBool::new(false));
        let unit = |queue| {
            Unit::new(Explained {
                queue,
                card: listed.name.clone(),
                explained: Arc::clone(&explained),
            })
        };
        Ok(queues.into_iter().map(unit).collect())
    }

    /// Tries what promises most for so much time.
    fn try_all(
        &self,
        listed: &Listed,
        limit: Duration,
        tell: &mut dyn FnMut(&str),
    ) -> Result<Tuned, TrialError> {
        let (driver, card) = self.driver_and_card(listed)?;
        let mut trials = Trials::new(Some(Tunings::named(FILE)), fingerprint(card), tell);
        let mut plan = Plan::new(known(card), limit);
        let mut failed = None;
        let mut kept = Some(driver.keep(card)?);
        while let Some((tuning, time)) = plan.next(trials.spent()) {
            let begin = Instant::now();
            let outcome = tuning.measure(driver, card, time);
            let opening = begin.elapsed().saturating_sub(time);
            plan.note(tuning, outcome.as_ref().ok().copied(), opening);
            match outcome {
                Ok(trial) => trials.note(tuning, Ok(trial.rate)),
                Err(error) => {
                    trials.note(tuning, Err(&error));
                    failed = Some(error);
                    // It may have broken the context for the next ones.
                    drop(kept.take());
                    kept = driver.keep(card).ok();
                }
            }
        }
        let tuned = trials.end(plan.tried());
        tuned.ok_or_else(|| failed.unwrap_or(OpenError::NoCard.into()))
    }
}

impl Backend for Cuda {
    fn list(&self) -> Vec<Listed> {
        let cards = self.cards().iter();
        cards
            .map(|card| Listed {
                name: card.selector(),
                kind: KIND,
                description: card.to_string(),
                isa: None,
                threads: None,
            })
            .collect()
    }

    fn open(&self, listed: &Listed) -> Result<Vec<Unit>, CannotOpen> {
        self.try_open(listed).map_err(CannotOpen::new)
    }

    /// `cuda` for all cards, `cuda:0,2` by number, `cuda:GPU-4a1b…` by UUID, `cuda:65:00.0` by PCI address.
    fn answers(&self, listed: &Listed, selector: &str) -> bool {
        let Some(Ok(selection)) = Selection::parse(selector) else {
            return false;
        };
        let cards = self.cards();
        let (selected, _) = selection.among(cards);
        selected
            .iter()
            .any(|&place| cards[place].selector() == listed.name)
    }

    fn may_answer(&self, selector: &str) -> bool {
        Selection::parse(selector).is_some()
    }

    fn absence(&self) -> Option<Absence> {
        let error = match self.found() {
            Ok((_, cards)) if cards.is_empty() => &OpenError::NoCard,
            Ok(_) => return None,
            Err(error) => error,
        };
        Some(Absence {
            reason: CannotOpen::new(error),
            is_fault: !matches!(error, OpenError::NoDriver | OpenError::NoCard),
        })
    }

    fn objection(&self, selector: &str) -> Option<Objection> {
        let selection = match Selection::parse(selector)? {
            Ok(selection) => selection,
            Err(error) => return Some(Objection::Wrong(error.to_string())),
        };
        if self.cards().is_empty() {
            // Then the selector is not to blame.
            return None;
        }
        let (_, errors) = selection.among(self.cards());
        if let Some(wrong) = errors
            .iter()
            .find(|it| !matches!(it, SelectError::Missing { .. }))
        {
            return Some(Objection::Wrong(wrong.to_string()));
        }
        let missing = errors.iter().map(SelectError::to_string);
        let missing: Vec<_> = missing.collect();
        (!missing.is_empty()).then(|| Objection::Missing(missing.join("; ")))
    }

    fn pci(&self, listed: &Listed) -> Option<String> {
        let address = self.card(listed)?.pci.to_lowercase();
        // Some drivers write the domain with eight digits.
        let short = address.strip_prefix("0000").filter(|rest| rest.len() == 12);
        Some(short.map_or(address.clone(), str::to_owned))
    }

    fn details(&self, listed: &Listed) -> Option<Details> {
        let card = self.card(listed)?;
        let (major, minor) = card.driver;
        Some(Details {
            uuid: Some(card.uuid.clone()),
            pci: self.pci(listed),
            multiprocessors: Some(card.multiprocessors),
            memory: Some(card.memory),
            capability: Some(format!("{}.{}", card.capability.0, card.capability.1)),
            cuda: Some(format!("{major}.{minor}")),
            driver: Telemetry::load().driver(),
            tuning: Some(self.tuning(card).to_string()),
        })
    }

    fn sensors(&self, listed: &Listed) -> Option<Sensors> {
        Some(Telemetry::load().read(self.card(listed)?).into())
    }

    fn tune(
        &self,
        listed: &Listed,
        limit: Duration,
        tell: &mut dyn FnMut(&str),
    ) -> Option<Result<Tuned, CannotOpen>> {
        let tuned = self.try_all(listed, limit, tell);
        Some(tuned.map_err(CannotOpen::new))
    }
}

/// One of a card's devices. It says in words why the card failed, where the solver only has a number.
#[derive(Debug)]
struct Explained {
    queue: CudaQueue,
    card: String,
    /// Whether one of the card's devices has said it already.
    explained: Arc<AtomicBool>,
}

impl Explained {
    fn explain<T>(&self, result: Result<T, DeviceError>) -> Result<T, DeviceError> {
        if let Some(trouble) = self.queue.trouble()
            && !self.explained.swap(true, Ordering::Relaxed)
        {
            warn!("{}: {trouble}", self.card);
        }
        result
    }
}

impl Device for Explained {
    fn info(&self) -> Info<'_> {
        self.queue.info()
    }

    fn load(&mut self, jobs: &Jobs) -> Result<(), DeviceError> {
        self.queue.load(jobs)
    }

    fn submit(&mut self, round: Round) -> Result<(), DeviceError> {
        let result = self.queue.submit(round);
        self.explain(result)
    }

    fn poll(&mut self, found: &mut Candidates) -> Result<Poll, DeviceError> {
        let result = self.queue.poll(found);
        self.explain(result)
    }
}

/// The tuning of a card that was remembered, if there is one.
fn known(card: &Card) -> Option<Tuning> {
    let text = Tunings::named(FILE).get(&fingerprint(card))?;
    text.parse().ok()
}

/// What a tuning is valid for: this kind of card, this driver, this version.
fn fingerprint(card: &Card) -> String {
    let (major, minor) = card.driver;
    let driver = Telemetry::load().driver();
    let driver = driver.unwrap_or_else(|| format!("CUDA {major}.{minor}"));
    format!(
        "{}, driver {driver}, btpow {}",
        card.name,
        env!("CARGO_PKG_VERSION")
    )
}

#[cfg(test)]
mod tests {
    use core::num::{NonZeroU64, NonZeroUsize};

    use btpow_core::Isa;

    use super::*;
    use crate::devices::manners::Manners;

    /// On a machine with a driver, the crate that drives the cards tests them.
    #[test]
    fn without_a_driver_there_is_nothing_and_it_says_why() {
        let cuda = Cuda::new(Options {
            isa: Isa::best(),
            threads: NonZeroUsize::MIN,
            round: None::<NonZeroU64>,
            manners: Manners::default(),
            threads_per_block: None,
        });
        let driver = Driver::load();
        if driver.is_ok() {
            eprintln!("skipped: there is a driver");
            return;
        }
        assert!(cuda.list().is_empty());
        let absence = cuda.absence().expect("a reason");
        let why = absence.reason.to_string();
        assert!(why.contains("NVIDIA driver") && !absence.is_fault, "{why}");
        assert_eq!(cuda.objection("cuda:0"), None);
        let wrong = cuda.objection("cuda:x");
        assert!(matches!(wrong, Some(Objection::Wrong(why)) if why.contains("names no card")));
        assert_eq!(cuda.objection("cpu"), None);
        assert!(cuda.may_answer("cuda") && !cuda.may_answer("wgpu:0"));
    }
}
