//! Whether the machine runs on its battery, as Linux shows it in files.

use std::{fs, path::Path};

/// Where Linux shows what the machine runs on.
pub(super) const FOLDER: &str = "/sys/class/power_supply";

/// What the machine runs on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Supply {
    /// Its battery, or that of its uninterruptible power supply.
    Battery,
    /// The mains, with a battery beside it.
    Mains,
    /// Nothing that ever runs out: there is no battery.
    NoBattery,
}

impl Supply {
    /// By a folder like `/sys/class/power_supply`; none if there is no such folder.
    pub(super) fn of(folder: &Path) -> Option<Self> {
        let (mut has_battery, mut is_discharging, mut has_mains) = (false, false, false);
        for entry in fs::read_dir(folder).ok()?.flatten() {
            let text = |file| {
                let text = fs::read_to_string(entry.path().join(file));
                text.map(|it| it.trim().to_owned()).unwrap_or_default()
            };
            // A mouse has one of its own.
            if text("scope") == "Device" {
                continue;
            }
            match text("type").as_str() {
                "Battery" | "UPS" => {
                    has_battery = true;
                    is_discharging |= text("status") == "Discharging";
                }
                // The mains, a USB charger, a wireless one.
                _ => has_mains |= text("online") == "1",
            }
        }
        Some(match (has_battery, is_discharging && !has_mains) {
            (false, _) => Self::NoBattery,
            (true, true) => Self::Battery,
            (true, false) => Self::Mains,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn supply(files: &[(&str, &str)]) -> Option<Supply> {
        let root = tempfile::tempdir().expect("a folder");
        for (path, text) in files {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().expect("a folder")).expect("created");
            fs::write(path, format!("{text}\n")).expect("written");
        }
        Supply::of(root.path())
    }

    const DISCHARGING: [(&str, &str); 2] =
        [("BAT0/type", "Battery"), ("BAT0/status", "Discharging")];

    #[test]
    fn it_runs_on_its_battery_where_that_discharges_and_no_mains_are_online() {
        let with = |others: &[(&'static str, &'static str)]| {
            let all = DISCHARGING.iter().chain(others).copied();
            supply(&all.collect::<Vec<_>>())
        };
        assert_eq!(with(&[]), Some(Supply::Battery));
        let unplugged = [("AC/type", "Mains"), ("AC/online", "0")];
        assert_eq!(with(&unplugged), Some(Supply::Battery));
        let plugged = [("AC/type", "Mains"), ("AC/online", "1")];
        assert_eq!(with(&plugged), Some(Supply::Mains), "a weak charger");
        let usb = [("ucsi/type", "USB"), ("ucsi/online", "1")];
        assert_eq!(with(&usb), Some(Supply::Mains));
        let full = [("BAT1/type", "Battery"), ("BAT1/status", "Full")];
        assert_eq!(supply(&full), Some(Supply::Mains));
        assert_eq!(with(&full), Some(Supply::Battery), "one of two discharges");
    }

    #[test]
    fn what_is_no_battery_of_the_machine_does_not_count() {
        assert_eq!(supply(&[]), Some(Supply::NoBattery));
        let mouse = [
            ("hid/type", "Battery"),
            ("hid/status", "Discharging"),
            ("hid/scope", "Device"),
        ];
        assert_eq!(supply(&mouse), Some(Supply::NoBattery));
        let folder = tempfile::tempdir().expect("a folder");
        assert_eq!(Supply::of(&folder.path().join("none")), None);
        let ups = [
            ("ups/type", "UPS"),
            ("ups/status", "Discharging"),
            ("ups/scope", "System"),
        ];
        assert_eq!(supply(&ups), Some(Supply::Battery));
    }
}
