//! The sensors that Linux shows in files: the processor's, and those of cards that have no library of their own.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::backend::Sensors;

/// Where Linux shows them.
pub(super) const SYS: &str = "/sys";

/// The drivers of processors' own sensors.
const PROCESSORS: [&str; 4] = ["k10temp", "coretemp", "zenpower", "cpu_thermal"];

/// The processor's: its hottest sensor, and the power or the energy of all its packages. The energy counters of RAPL are
/// usually for the superuser alone.
pub(super) fn of_processor(sys: &Path) -> Option<Sensors> {
    let all = entries(&sys.join("class/hwmon"));
    let is_processor = |folder: &PathBuf| {
        let name = text(&folder.join("name"));
        name.is_some_and(|name| PROCESSORS.contains(&name.as_str()))
    };
    let mut temperatures = Vec::new();
    let mut powers = Vec::new();
    for folder in all.iter().filter(|it| is_processor(it)) {
        let labelled: Vec<_> = inputs(folder, "temp").collect();
        // AMD's Tctl is Tdie and something for the fans.
        let has_die = labelled.iter().any(|(label, _)| label == "Tdie");
        let real = labelled
            .into_iter()
            .filter(|(label, _)| !(has_die && label == "Tctl"));
        temperatures.extend(real.map(|(_, millidegrees)| millidegrees / 1e3));
        powers.extend(inputs(folder, "power").map(|(_, microwatts)| microwatts / 1e6));
    }
    let is_package = |folder: &&PathBuf| {
        let name = folder.file_name().and_then(|name| name.to_str());
        // intel-rapl:0, also on AMD's; intel-rapl:0:0 is a part of it.
        name.is_some_and(|name| name.starts_with("intel-rapl:") && name.matches(':').count() == 1)
    };
    let zones = entries(&sys.join("class/powercap"));
    let energies = zones.iter().filter(is_package);
    let energies: Vec<_> = energies
        .filter_map(|zone| Some(number(&zone.join("energy_uj"))? / 1e6))
        .collect();
    known(Sensors {
        temperature: temperatures.into_iter().filter_map(degrees).max(),
        power: (!powers.is_empty()).then(|| powers.iter().sum()),
        energy: (!energies.is_empty()).then(|| energies.iter().sum()),
    })
}

/// Those of the card with this PCI address, like `0000:03:00.0`.
pub(super) fn of_card(sys: &Path, pci: &str) -> Option<Sensors> {
    let card = sys.join("bus/pci/devices").join(pci);
    let folder = entries(&card.join("hwmon")).into_iter().next()?;
    let of = |name: &str| number(&folder.join(name));
    known(Sensors {
        // The first is the chip's edge, as other cards tell it.
        temperature: of("temp1_input").and_then(|it| degrees(it / 1e3)),
        power: of("power1_average")
            .or_else(|| of("power1_input"))
            .map(|microwatts| microwatts / 1e6),
        energy: of("energy1_input").map(|microjoules| microjoules / 1e6),
    })
}

/// The readings, if there is one.
fn known(sensors: Sensors) -> Option<Sensors> {
    (sensors != Sensors::default()).then_some(sensors)
}

/// Whole degrees; none for what no sensor measures.
fn degrees(celsius: f64) -> Option<u32> {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "it is within a few hundred"
    )]
    (1.0..300.0)
        .contains(&celsius)
        .then(|| celsius.round() as u32)
}

/// The label and the number of each input of a kind: `temp1_label` and `temp1_input`.
fn inputs(folder: &Path, kind: &str) -> impl Iterator<Item = (String, f64)> {
    entries(folder).into_iter().filter_map(move |file| {
        let name = file.file_name()?.to_str()?;
        let name = name.strip_suffix("_input")?;
        name.strip_prefix(kind)?.parse::<u32>().ok()?;
        let label = text(&folder.join(format!("{name}_label")));
        Some((label.unwrap_or_default(), number(&file)?))
    })
}

/// What a folder holds, in the order of its names; nothing if it cannot be read.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let mut paths: Vec<_> = entries.filter_map(|it| Some(it.ok()?.path())).collect();
    paths.sort();
    paths
}

fn number(file: &Path) -> Option<f64> {
    text(file)?.parse().ok()
}

fn text(file: &Path) -> Option<String> {
    Some(fs::read_to_string(file).ok()?.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder like `/sys`, with these files.
    fn sys(files: &[(&str, &str)]) -> tempfile::TempDir {
        let root = tempfile::tempdir().expect("a folder");
        for (path, text) in files {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().expect("a folder")).expect("created");
            fs::write(path, format!("{text}\n")).expect("written");
        }
        root
    }

    fn processor(files: &[(&str, &str)]) -> Option<Sensors> {
        of_processor(sys(files).path())
    }

    fn temperature(files: &[(&str, &str)]) -> Option<u32> {
        processor(files)?.temperature
    }

    #[test]
    fn the_processor_is_as_hot_as_its_hottest_sensor() {
        let intel = [
            ("class/hwmon/hwmon0/name", "nvme"),
            ("class/hwmon/hwmon0/temp1_input", "99000"),
            ("class/hwmon/hwmon1/name", "coretemp"),
            ("class/hwmon/hwmon1/temp1_label", "Package id 0"),
            ("class/hwmon/hwmon1/temp1_input", "61500"),
            ("class/hwmon/hwmon1/temp2_input", "58000"),
            ("class/hwmon/hwmon1/temp2_crit", "100000"),
            ("class/hwmon/hwmon2/name", "coretemp"),
            ("class/hwmon/hwmon2/temp1_input", "64000"),
        ];
        assert_eq!(temperature(&intel), Some(64), "of two packages");
        let amd = [
            ("class/hwmon/hwmon0/name", "k10temp"),
            ("class/hwmon/hwmon0/temp1_label", "Tctl"),
            ("class/hwmon/hwmon0/temp1_input", "90000"),
            ("class/hwmon/hwmon0/temp2_label", "Tdie"),
            ("class/hwmon/hwmon0/temp2_input", "70000"),
        ];
        assert_eq!(temperature(&amd), Some(70), "Tctl has an offset");
        assert_eq!(temperature(&amd[..3]), Some(90), "unless it is alone");
        let arm = [
            ("class/hwmon/hwmon0/name", "cpu_thermal"),
            ("class/hwmon/hwmon0/temp1_input", "45277"),
        ];
        assert_eq!(temperature(&arm), Some(45));
    }

    #[test]
    fn what_does_not_tell_has_no_sensors() {
        assert_eq!(processor(&[]), None);
        let broken = [
            ("class/hwmon/hwmon0/name", "coretemp"),
            ("class/hwmon/hwmon0/temp1_input", "N/A"),
            ("class/hwmon/hwmon0/temp2_input", "-128000"),
        ];
        assert_eq!(processor(&broken), None);
        let other = [
            ("class/hwmon/hwmon0/name", "acpitz"),
            ("class/hwmon/hwmon0/temp1_input", "20000"),
        ];
        assert_eq!(processor(&other), None);
        assert_eq!(of_card(sys(&[]).path(), "0000:03:00.0"), None);
    }

    #[test]
    fn the_power_of_the_processor_is_that_of_all_its_packages() {
        let zen = [
            ("class/hwmon/hwmon3/name", "zenpower"),
            ("class/hwmon/hwmon3/power1_input", "50000000"),
            ("class/hwmon/hwmon3/power2_input", "12500000"),
        ];
        assert_eq!(processor(&zen).and_then(|it| it.power), Some(62.5));
        let rapl = [
            ("class/powercap/intel-rapl:0/energy_uj", "7000000"),
            ("class/powercap/intel-rapl:0:0/energy_uj", "3000000"),
            ("class/powercap/intel-rapl:1/energy_uj", "2500000"),
            ("class/powercap/intel-rapl-mmio:0/energy_uj", "7000000"),
            ("class/powercap/intel-rapl/enabled", "1"),
        ];
        assert_eq!(processor(&rapl).and_then(|it| it.energy), Some(9.5));
    }

    #[test]
    fn a_card_is_found_by_its_address() {
        let root = sys(&[
            (
                "bus/pci/devices/0000:03:00.0/hwmon/hwmon5/temp1_input",
                "55000",
            ),
            (
                "bus/pci/devices/0000:03:00.0/hwmon/hwmon5/temp2_input",
                "81000",
            ),
            (
                "bus/pci/devices/0000:03:00.0/hwmon/hwmon5/power1_average",
                "173000000",
            ),
            (
                "bus/pci/devices/0000:04:00.0/hwmon/hwmon6/power1_input",
                "9000000",
            ),
            (
                "bus/pci/devices/0000:04:00.0/hwmon/hwmon6/energy1_input",
                "8000000",
            ),
        ]);
        let first = of_card(root.path(), "0000:03:00.0").expect("it is there");
        assert_eq!((first.temperature, first.power), (Some(55), Some(173.0)));
        let second = of_card(root.path(), "0000:04:00.0").expect("it is there");
        let Sensors {
            temperature,
            power,
            energy,
        } = second;
        assert_eq!((temperature, power, energy), (None, Some(9.0), Some(8.0)));
        assert_eq!(of_card(root.path(), "0000:05:00.0"), None);
    }
}
