//! The flags that let devices rest.

use core::ops::RangeInclusive;

use clap::Args;

use super::value::{Wrong, shown};
use crate::limits::{Bound, Quantity};

/// The hottest that a device may be, in degrees Celsius: below this, it would hardly work at all, and above, not for long.
const TEMPERATURES: RangeInclusive<f64> = 30.0..=120.0;

/// The most power that a device may draw, in watts.
const POWERS: RangeInclusive<f64> = 1.0..=10_000.0;

/// The flags that let devices rest.
#[derive(Args, Clone, Debug, Default)]
pub struct LimitArgs {
    /// Pause a device while it is hotter than this, in °C: 83, or cuda:0=75 for one (repeatable)
    ///
    /// The others go on. A device pauses when it is hotter at two readings in a row, which come every two seconds, and
    /// works again once it has been five degrees below for ten seconds. Sensors are those of NVIDIA's driver and, on
    /// Linux, of hwmon. cuda=80 is for all of a kind; the closest name counts.
    #[arg(
        long,
        value_name = "[NAME=]C",
        value_delimiter = ',',
        allow_hyphen_values = true,
        hide_short_help = true,
        value_parser = temperature
    )]
    pub max_temp: Vec<Bound>,

    /// Pause a device while it draws more power than this, in watts: 300, or cuda:0=250 for one (repeatable)
    ///
    /// As --max-temp; it works again after ten seconds at nine tenths or less. To work at less power, rather than now and
    /// then, limit the card itself (nvidia-smi -pl). The CPU's power is readable for the superuser alone on most
    /// machines.
    #[arg(
        long,
        value_name = "[NAME=]W",
        value_delimiter = ',',
        allow_hyphen_values = true,
        hide_short_help = true,
        value_parser = power
    )]
    pub max_power: Vec<Bound>,

    /// Pause while the machine runs on its battery (Linux)
    #[arg(long, hide_short_help = true)]
    pub pause_on_battery: bool,

    /// Pause while somebody uses the machine, by systemd-logind (Linux)
    ///
    /// It is used until the desktop says that it is idle, which is mostly when the screen goes dark, and on text consoles
    /// until nothing was typed for half an hour.
    #[arg(long, hide_short_help = true)]
    pub pause_on_use: bool,
}

impl LimitArgs {
    /// The limits of a quantity.
    pub fn bounds(&self, quantity: Quantity) -> &[Bound] {
        match quantity {
            Quantity::Temperature => &self.max_temp,
            Quantity::Power => &self.max_power,
        }
    }
}

fn temperature(text: &str) -> Result<Bound, Wrong> {
    let remedy = "give degrees Celsius from 30 to 120, as in 83, or for one device cuda:0=75";
    bound(text, &TEMPERATURES, "a temperature", remedy)
}

fn power(text: &str) -> Result<Bound, Wrong> {
    let remedy = "give watts from 1 to 10000, as in 300, or for one device cuda:0=250";
    bound(text, &POWERS, "a power", remedy)
}

fn bound(
    text: &str,
    range: &RangeInclusive<f64>,
    what: &str,
    remedy: &str,
) -> Result<Bound, Wrong> {
    let named = text.split_once('=');
    let (device, most) = named.map_or((None, text), |(device, most)| (Some(device), most));
    if let Some(device) = device
        && !matches!(device.split(':').next(), Some("cpu" | "cuda" | "wgpu"))
    {
        let problem = format_args!("{} is no device's name", shown(device));
        return Err(Wrong::new(problem, "`btpow devices` lists them"));
    }
    let read = most.parse().ok().filter(|most| range.contains(most));
    let most = read.ok_or_else(|| {
        let problem = format_args!("{} is not {what} that limits a device", shown(most));
        Wrong::new(problem, remedy)
    })?;
    Ok(Bound {
        device: device.map(str::to_owned),
        most,
    })
}
