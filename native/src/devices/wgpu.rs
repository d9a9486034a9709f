//! Any GPU, through Vulkan, Metal or DirectX 12.

use core::{fmt, time::Duration};
use std::sync::{Arc, OnceLock};

use btpow_cuda::{telemetry::Telemetry, wsl};
use btpow_wgpu::{Adapter, Trial, Trouble, Tuning};
use tracing::{debug, info, warn};

#[cfg(target_os = "linux")]
use super::hwmon;
use super::{
    Unit,
    backend::{Absence, Backend, CannotOpen, Details, Listed, Objection, Sensors},
    trials::{Trials, Tuned},
    tunings::Tunings,
};

/// The kind, and the start of its selectors.
const KIND: &str = "wgpu";

/// NVIDIA's PCI number. Its management library reads the sensors of its cards even when Vulkan drives them.
const NVIDIA: u32 = 0x10de;

/// How long to try a card before its first use.
const TRIAL: Duration = Duration::from_millis(1_500);

/// The file that remembers trials.
const FILE: &str = "wgpu-tunings.json";

/// All adapters of this machine, listed once.
#[derive(Debug, Default)]
pub struct Wgpu {
    adapters: OnceLock<Vec<Adapter>>,
}

impl Wgpu {
    /// Tries what promises most for so much time; remembers each improvement in these.
    fn try_all(
        &self,
        listed: &Listed,
        tunings: Option<Tunings>,
        limit: Duration,
        tell: &mut dyn FnMut(&str),
    ) -> Result<(Tuning, Tuned), Trouble> {
        let adapter = self.adapter(listed)?;
        let mut trials = Trials::new(tunings, adapter.fingerprint(), tell);
        let mut tried = 0;
        let note = |trial: &Trial| {
            tried += 1;
            let rate = trial.outcome.as_ref().map(|it| it.rate);
            let rate = rate.map_err(|it| -> &dyn fmt::Display { it });
            trials.note(trial.tuning, rate);
        };
        let tuning = pollster::block_on(adapter.tune(known(adapter), limit, note))?;
        let tuned = trials.end((tried, tried.max(Tuning::CANDIDATES)));
        tuned.map(|it| (tuning, it)).ok_or(Trouble::Stalled)
    }

    fn adapters(&self) -> &[Adapter] {
        self.adapters
            .get_or_init(|| pollster::block_on(Adapter::all()))
    }

    fn adapter(&self, listed: &Listed) -> Result<&Adapter, Trouble> {
        let all = self.adapters().iter().enumerate();
        let mut named = all.filter(|(index, _)| name(*index) == listed.name);
        let gone = || Trouble::NoAdapter(listed.name.clone());
        named.next().map(|(_, adapter)| adapter).ok_or_else(gone)
    }

    /// The remembered tuning of a card, or else the result of a trial. Software is not worth a trial.
    fn tuning(&self, listed: &Listed, adapter: &Adapter) -> Result<Tuning, Trouble> {
        if let Some(tuning) = known(adapter) {
            return Ok(tuning);
        }
        if adapter.is_software() {
            return Ok(Tuning::SAFE);
        }
        info!(name = listed.name, "first use of this card: a short trial");
        let mut tell = |trial: &str| debug!("{trial}");
        let (tuning, tuned) = self.try_all(listed, None, TRIAL, &mut tell)?;
        // A trial that the program's end or a slow compiler cut short is made again the next time.
        if tuned.tried >= Tuning::VARIANTS {
            let kept = Tunings::named(FILE).set(&adapter.fingerprint(), &tuning.to_string());
            debug!(?kept, "the first trial");
        }
        Ok(tuning)
    }

    fn try_open(&self, listed: &Listed) -> Result<Unit, Trouble> {
        let adapter = self.adapter(listed)?;
        let tuning = self.tuning(listed, adapter)?;
        let name = listed.name.clone();
        let mut options = btpow_wgpu::Options::new(&name, tuning);
        options.notify = Arc::new(move |trouble| warn!("{name}: {trouble}"));
        debug!(%tuning, adapter = %adapter, "opening {}", listed.name);
        pollster::block_on(adapter.open(options)).map(Unit::new)
    }
}

impl Backend for Wgpu {
    fn list(&self) -> Vec<Listed> {
        let all = self.adapters().iter().enumerate();
        all.map(|(index, adapter)| Listed {
            name: name(index),
            kind: KIND,
            description: if adapter.is_software() {
                format!("{}, {}, software", adapter.name(), adapter.backend())
            } else {
                format!("{}, {}", adapter.name(), adapter.backend())
            },
            isa: None,
            threads: None,
        })
        .collect()
    }

    fn open(&self, listed: &Listed) -> Result<Vec<Unit>, CannotOpen> {
        let unit = self.try_open(listed).map_err(CannotOpen::new)?;
        Ok(vec![unit])
    }

    /// `wgpu:0` by number, `wgpu:radeon` by part of the name, `wgpu:high-performance` for the best card,
    /// `wgpu` for all cards that are not software.
    fn answers(&self, listed: &Listed, selector: &str) -> bool {
        let Ok(adapter) = self.adapter(listed) else {
            return false;
        };
        let Some((kind, which)) = selector.split_once(':') else {
            return selector == KIND && !adapter.is_software();
        };
        kind == KIND
            && match which {
                "" => false,
                // Real cards come first in the list, and among them those with their own memory.
                "high-performance" => listed.name == name(0) && !adapter.is_software(),
                number if number.bytes().all(|byte| byte.is_ascii_digit()) => {
                    listed.name == selector
                }
                part => {
                    let known = adapter.name().to_lowercase();
                    known.contains(&part.to_lowercase())
                }
            }
    }

    fn may_answer(&self, selector: &str) -> bool {
        selector.split(':').next() == Some(KIND)
    }

    fn absence(&self) -> Option<Absence> {
        let why = if wsl::is_wsl() {
            // A driver for Linux would not reach a card there.
            "there is no Vulkan driver for WSL; an NVIDIA card works there with --device cuda"
        } else {
            "there is no Vulkan, Metal or DirectX 12 driver on this machine; install the one for its \
             graphics card"
        };
        self.adapters().is_empty().then(|| Absence {
            reason: CannotOpen::new(why),
            is_fault: false,
        })
    }

    fn objection(&self, selector: &str) -> Option<Objection> {
        if !self.may_answer(selector) || self.adapters().is_empty() {
            return None;
        }
        let which = selector.split_once(':').map(|(_, which)| which);
        let why = match which {
            Some("") => return Some(Objection::Wrong("nothing follows the colon".to_owned())),
            None | Some("high-performance") => {
                let why = "there is only software, which must be named, as in wgpu:0";
                let any = self.adapters().iter().any(|it| !it.is_software());
                return (!any).then(|| Objection::Absent(why.to_owned()));
            }
            Some(_) => "no graphics card or driver is called that",
        };
        let answered = self.list().iter().any(|it| self.answers(it, selector));
        (!answered).then(|| Objection::Missing(why.to_owned()))
    }

    fn is_default(&self, listed: &Listed) -> bool {
        self.adapter(listed)
            .is_ok_and(|adapter| !adapter.is_software())
    }

    fn tune(
        &self,
        listed: &Listed,
        limit: Duration,
        tell: &mut dyn FnMut(&str),
    ) -> Option<Result<Tuned, CannotOpen>> {
        let tuned = self
            .try_all(listed, Some(Tunings::named(FILE)), limit, tell)
            .map(|(_, tuned)| tuned);
        Some(tuned.map_err(CannotOpen::new))
    }

    fn details(&self, listed: &Listed) -> Option<Details> {
        let adapter = self.adapter(listed).ok()?;
        Some(Details {
            pci: self.pci(listed),
            driver: Some(adapter.driver()).filter(|driver| !driver.is_empty()),
            tuning: known(adapter).map(|it| it.to_string()),
            ..Details::default()
        })
    }

    fn sensors(&self, listed: &Listed) -> Option<Sensors> {
        let adapter = self.adapter(listed).ok()?;
        let reading = (adapter.vendor() == NVIDIA)
            .then(|| Telemetry::load().read_at(adapter.pci()))
            .flatten();
        #[cfg(target_os = "linux")]
        let of_files = || hwmon::of_card(hwmon::SYS.as_ref(), &self.pci(listed)?);
        #[cfg(not(target_os = "linux"))]
        let of_files = || None;
        reading.map(Sensors::from).or_else(of_files)
    }

    fn pci(&self, listed: &Listed) -> Option<String> {
        let address = self.adapter(listed).ok()?.pci();
        (!address.is_empty()).then(|| address.to_lowercase())
    }
}

/// The tuning of a card that was remembered, if there is one.
fn known(adapter: &Adapter) -> Option<Tuning> {
    let text = Tunings::named(FILE).get(&adapter.fingerprint())?;
    text.parse().ok()
}

/// The name of an adapter as a device.
fn name(index: usize) -> String {
    format!("{KIND}:{index}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Without any Vulkan device, this says so and tests nothing; `cargo xtask test` installs one.
    #[test]
    fn software_is_used_only_when_named() {
        let backend = Wgpu::default();
        let all = backend.list();
        let software = |listed: &&Listed| !backend.is_default(listed);
        let Some(listed) = all.iter().find(software) else {
            eprintln!("skipped: there is no software adapter");
            return;
        };
        let adapter = backend.adapter(listed).expect("it is listed");
        let part = adapter.name().split(' ').next().expect("it has a name");
        assert!(backend.answers(listed, &listed.name));
        assert!(backend.answers(listed, &format!("wgpu:{}", part.to_uppercase())));
        for other in ["wgpu", "wgpu:", "wgpu:77", "wgpu:high-performance", "cpu"] {
            assert!(!backend.answers(listed, other), "{other}");
        }
        let nobody = backend.objection("wgpu:nobody");
        assert!(matches!(nobody, Some(Objection::Missing(_))), "{nobody:?}");
        assert_eq!(backend.objection(&listed.name), None);
        assert!(backend.may_answer("wgpu:x") && !backend.may_answer("cuda:0"));
        assert_eq!(backend.open(listed).map(|units| units.len()), Ok(1));
    }
}
