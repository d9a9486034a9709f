//! Numbers as people read them. [`HumanCount`] groups the digits of whole numbers by three.

use indicatif::HumanCount;

/// A rate: `15.0 MH/s`.
pub fn rate(hashes_per_second: f64) -> String {
    format!("{}H/s", scaled(hashes_per_second))
}

/// A rate that was measured with care, so that like ones can be compared: `15.03 MH/s`, `3.494 GH/s`.
pub fn measured_rate(hashes_per_second: f64) -> String {
    let mut number = hashes_per_second;
    for prefix in ["", "k", "M", "G", "T", "P"] {
        // Four digits, where rounding needs no fifth.
        for (decimals, limit) in [(3, 9.999_5), (2, 99.995), (1, 999.95)] {
            if number < limit {
                return format!("{number:.decimals$} {prefix}H/s");
            }
        }
        number /= 1_000.0;
    }
    format!("{number:.1} EH/s")
}

/// A count of hashes: `275.9 M hashes`.
pub fn hashes(count: u64) -> String {
    if count == 1 {
        "1 hash".to_owned()
    } else if count < 1_000 {
        format!("{count} hashes")
    } else {
        format!("{} hashes", scaled(count as f64))
    }
}

/// A duration: `12.3 ms`, `0.53 s`, `12.3 s`, `2 min 10 s`, `3 h 5 min`, `4.2 days`.
pub fn time(seconds: f64) -> String {
    const MINUTE: f64 = 60.0;
    const HOUR: f64 = 60.0 * MINUTE;
    const DAY: f64 = 24.0 * HOUR;
    const YEAR: f64 = 365.25 * DAY;
    // Each limit is where rounding would reach the next unit.
    if seconds < 0.099_95 {
        format!("{:.1} ms", seconds * 1e3)
    } else if seconds < 9.995 {
        format!("{seconds:.2} s")
    } else if seconds < 59.95 {
        format!("{seconds:.1} s")
    } else if seconds < HOUR - 0.5 {
        let whole = seconds.round();
        format!(
            "{:.0} min {:.0} s",
            (whole / MINUTE).floor(),
            whole % MINUTE
        )
    } else if seconds < DAY - 0.5 * MINUTE {
        let minutes = (seconds / MINUTE).round();
        format!(
            "{:.0} h {:.0} min",
            (minutes / 60.0).floor(),
            minutes % 60.0
        )
    } else if seconds < YEAR {
        format!("{:.1} days", seconds / DAY)
    } else {
        format!("{} years", scaled(seconds / YEAR).trim_end())
    }
}

/// A duration in few columns: `0.5 s`, `12 s`, `3 min`, `4.2 h`, `12.5 d`.
pub fn short_time(seconds: f64) -> String {
    const MINUTE: f64 = 60.0;
    const HOUR: f64 = 60.0 * MINUTE;
    const DAY: f64 = 24.0 * HOUR;
    if seconds < 0.05 {
        "0 s".to_owned()
    } else if seconds < 9.95 {
        format!("{seconds:.1} s")
    } else if seconds < 59.5 {
        format!("{seconds:.0} s")
    } else if seconds < HOUR - 0.5 * MINUTE {
        format!("{:.0} min", seconds / MINUTE)
    } else if seconds < DAY - 0.05 * HOUR {
        format!("{:.1} h", seconds / HOUR)
    } else if seconds < 99.95 * DAY {
        format!("{:.1} d", seconds / DAY)
    } else if seconds < 9_999.5 * DAY {
        format!("{:.0} d", seconds / DAY)
    } else {
        ">27 y".to_owned()
    }
}

/// A chance from 0 to 1, in percent: `39.3 %`.
pub fn chance(chance: f64) -> String {
    let percent = chance * 100.0;
    if percent == 0.0 {
        "0 %".to_owned()
    } else if percent < 0.01 {
        "below 0.01 %".to_owned()
    } else if percent < 1.0 {
        format!("{percent:.2} %")
    } else if percent > 99.9 {
        "above 99.9 %".to_owned()
    } else {
        format!("{percent:.1} %")
    }
}

/// A count of blocks to come: `4 more blocks`.
pub fn more_blocks(count: u64) -> String {
    let s = if count == 1 { "" } else { "s" };
    format!("{count} more block{s}")
}

/// An amount of rao as TAO: `1,000.0 TAO`.
pub fn tao(rao: u64) -> String {
    const RAO: u64 = 1_000_000_000;
    let fraction = format!("{:09}", rao % RAO);
    let fraction = fraction.trim_end_matches('0');
    let fraction = if fraction.is_empty() { "0" } else { fraction };
    format!("{}.{fraction} TAO", HumanCount(rao / RAO))
}

/// A number with its power of 1,000: `15.0 M`.
pub fn scaled(number: f64) -> String {
    let mut number = number;
    for prefix in ["", "k", "M", "G", "T", "P"] {
        // 999.95 would round to 1000.0.
        if number < 999.95 {
            return format!("{number:.1} {prefix}");
        }
        number /= 1_000.0;
    }
    format!("{number:.1} E")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_and_counts() {
        assert_eq!(rate(0.0), "0.0 H/s");
        assert_eq!(rate(999.9), "999.9 H/s");
        assert_eq!(rate(999.96), "1.0 kH/s");
        assert_eq!(rate(15e6), "15.0 MH/s");
        assert_eq!(rate(1.84e19), "18.4 EH/s");
        assert_eq!(hashes(1), "1 hash");
        assert_eq!(hashes(999), "999 hashes");
        assert_eq!(hashes(275_900_000), "275.9 M hashes");
        let grouped = |number| HumanCount(number).to_string();
        assert_eq!(grouped(1), "1");
        assert_eq!(grouped(300_000_000), "300,000,000");
        assert_eq!(grouped(u64::MAX), "18,446,744,073,709,551,615");
    }

    #[test]
    fn measured_rates_have_four_digits() {
        for (number, text) in [
            (0.0, "0.000 H/s"),
            (9.999_6, "10.00 H/s"),
            (99.996, "100.0 H/s"),
            (999.96, "1.000 kH/s"),
            (15.034e6, "15.03 MH/s"),
            (349.36e6, "349.4 MH/s"),
            (3_150.611e6, "3.151 GH/s"),
            (1.84e19, "18.4 EH/s"),
        ] {
            assert_eq!(measured_rate(number), text);
        }
    }

    #[test]
    fn amounts() {
        assert_eq!(tao(0), "0.0 TAO");
        assert_eq!(tao(1), "0.000000001 TAO");
        assert_eq!(tao(1_000_500_000_000), "1,000.5 TAO");
        assert_eq!(more_blocks(1), "1 more block");
        assert_eq!(more_blocks(4), "4 more blocks");
    }

    #[test]
    fn times() {
        for (seconds, text) in [
            (0.0, "0.0 ms"),
            (0.0123, "12.3 ms"),
            (0.099_96, "0.10 s"),
            (0.53, "0.53 s"),
            (9.999, "10.0 s"),
            (59.96, "1 min 0 s"),
            (119.6, "2 min 0 s"),
            (130.0, "2 min 10 s"),
            (3_599.6, "1 h 0 min"),
            (11_100.0, "3 h 5 min"),
            (86_399.0, "1.0 days"),
            (362_880.0, "4.2 days"),
            (1.5e12, "47.5 k years"),
        ] {
            assert_eq!(time(seconds), text);
        }
    }

    #[test]
    fn short_times() {
        for (seconds, text) in [
            (-1.0, "0 s"),
            (0.0, "0 s"),
            (0.53, "0.5 s"),
            (9.96, "10 s"),
            (59.6, "1 min"),
            (90.0, "2 min"),
            (3_569.0, "59 min"),
            (3_571.0, "1.0 h"),
            (86_339.0, "1.0 d"),
            (362_880.0, "4.2 d"),
            (8.64e6, "100 d"),
            (1e300, ">27 y"),
        ] {
            assert_eq!(short_time(seconds), text);
        }
    }

    #[test]
    fn chances() {
        for (value, text) in [
            (0.0, "0 %"),
            (0.00001, "below 0.01 %"),
            (0.0012, "0.12 %"),
            (0.393, "39.3 %"),
            (0.9995, "above 99.9 %"),
            (1.0, "above 99.9 %"),
        ] {
            assert_eq!(chance(value), text);
        }
    }
}
