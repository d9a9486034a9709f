//! Whether a search goes as it should, in one line.

use super::board::View;
use crate::{fleet::rig::Idle, registration::watch::Phase, report::RowRates};

const NO_SERVER: &str = "no connection to the fleet's server";

/// Why it does not; none if all is well. A pause that the user wished is well.
pub(super) fn trouble(view: &View) -> Option<String> {
    let Some(search) = &view.search else {
        return Some("the search has not begun".to_owned());
    };
    if !search.rows.is_empty() && !search.rows.iter().any(RowRates::is_up) {
        return Some("no device works: all were dropped".to_owned());
    }
    if let Some(Phase::Idle(idle)) = search.phase
        && idle != Idle::Resting
    {
        return Some(format!("nothing is hashed: {idle}"));
    }
    if let Some(Phase::Part(part)) = search.phase {
        if !part.is_connected {
            return Some(NO_SERVER.to_owned());
        }
        if part.is_quiet {
            return Some(Idle::Silent.to_string());
        }
    }
    if let Some(fleet) = &search.fleet {
        if !fleet.link.is_connected {
            return Some(NO_SERVER.to_owned());
        }
        if search.rows.is_empty() && fleet.rigs() == 0 {
            return Some("no rig has joined the fleet".to_owned());
        }
    }
    let sight = search.sight.as_ref()?;
    let is_over = sight.expiry.is_some_and(|expiry| view.now >= expiry);
    if is_over || search.phase == Some(Phase::Silent) {
        let age = view.block_age().unwrap_or_default().as_secs();
        let connection = if sight.is_connected {
            ""
        } else {
            ", and there is no connection"
        };
        return Some(format!("no new block for {age} s{connection}"));
    }
    None
}

#[cfg(test)]
mod tests {
    use core::time::Duration;
    use std::time::{Instant, SystemTime};

    use btpow_core::{Rates, Statistics};

    use super::*;
    use crate::{
        devices::{Row, backend::Listed},
        fleet::{Role, rig::Part, samples},
        registration::watch::Sight,
        report::{Counts, Snapshot},
        rig::Condition,
    };

    /// A search on one device of two units whose last block came a minute ago, and counts for `left` more.
    fn view(left: Option<Duration>) -> View {
        let now = Instant::now() + Duration::from_secs(60);
        let listed = Listed {
            name: "cpu".to_owned(),
            kind: "cpu",
            description: String::new(),
            isa: None,
            threads: None,
        };
        let row = Row {
            listed,
            slots: 0..2,
            former: 0..0,
        };
        View {
            command: "mine",
            started: SystemTime::UNIX_EPOCH,
            uptime: Duration::ZERO,
            goals: Vec::new(),
            search: Some(Snapshot {
                total: Statistics {
                    rates: Rates::default(),
                    difficulty: 1,
                    block_number: Some(1),
                    block_hash: [0; 32],
                    expected_time: None,
                    chance: 0.0,
                },
                rows: vec![RowRates {
                    row,
                    rates: Rates::default(),
                    dropped: Vec::new(),
                    condition: Condition::default(),
                }],
                phase: None,
                goals: Vec::new(),
                is_paused: false,
                pauses: Vec::new(),
                sight: Some(Sight {
                    endpoint: String::new(),
                    is_connected: true,
                    seen: now - Duration::from_secs(60),
                    expiry: left.map(|left| now + left),
                }),
                counts: Counts::default(),
                fleet: None,
            }),
            sensors: Vec::new(),
            warnings: 0,
            now,
        }
    }

    fn search(view: &mut View) -> &mut Snapshot {
        view.search.as_mut().expect("there is one")
    }

    #[test]
    fn blocks_that_do_not_come_are_trouble_once_a_proof_counts_no_longer() {
        assert_eq!(trouble(&view(Some(Duration::from_secs(1)))), None);
        assert_eq!(trouble(&view(None)), None, "blocks on demand");
        let late = trouble(&view(Some(Duration::ZERO)));
        assert_eq!(late.as_deref(), Some("no new block for 60 s"));
        let mut offline = view(Some(Duration::ZERO));
        let sight = search(&mut offline).sight.as_mut();
        sight.expect("there is one").is_connected = false;
        let late = trouble(&offline).expect("trouble");
        assert_eq!(late, "no new block for 60 s, and there is no connection");
    }

    #[test]
    fn a_device_that_is_left_is_enough() {
        let mut view = view(None);
        let dropped = |unit: &str| (unit.to_owned(), "it was wrong".to_owned());
        search(&mut view).rows[0].dropped = vec![dropped("cpu:0")];
        assert_eq!(trouble(&view), None);
        search(&mut view).rows[0].dropped.push(dropped("cpu:1"));
        let trouble_of_all = trouble(&view).expect("trouble");
        assert!(
            trouble_of_all.contains("all were dropped"),
            "{trouble_of_all}"
        );
    }

    #[test]
    fn what_has_not_begun_is_not_well_yet() {
        let mut view = view(None);
        view.search = None;
        assert!(trouble(&view).expect("trouble").contains("not begun"));
    }

    #[test]
    fn a_rig_that_hears_nobody_is_in_trouble_though_it_hashes() {
        let mut view = view(None);
        let mut told = |is_connected, is_quiet| {
            search(&mut view).phase = Some(Phase::Part(Part {
                range: 1,
                taken: 0,
                open: 0,
                is_connected,
                is_quiet,
            }));
            trouble(&view)
        };
        assert_eq!(told(true, false), None);
        let quiet = told(true, true);
        assert_eq!(quiet.as_deref(), Some("no word from the coordinator"));
        let alone = told(false, true);
        assert_eq!(
            alone.as_deref(),
            Some("no connection to the fleet's server")
        );
    }

    #[test]
    fn a_fleet_that_cannot_help_is_trouble() {
        let mut view = view(None);
        let mut fleet = samples::view(Role::Leads, samples::status());
        search(&mut view).fleet = Some(fleet.clone());
        assert_eq!(trouble(&view), None);
        fleet.link.is_connected = false;
        search(&mut view).fleet = Some(fleet);
        let told = trouble(&view).expect("trouble");
        assert_eq!(told, "no connection to the fleet's server");
        // Devices here are enough, and so are rigs alone.
        let mut nobody = samples::status();
        nobody.rigs.clear();
        search(&mut view).fleet = Some(samples::view(Role::Leads, nobody));
        assert_eq!(trouble(&view), None);
        search(&mut view).rows.clear();
        let told = trouble(&view).expect("trouble");
        assert_eq!(told, "no rig has joined the fleet");
        search(&mut view).fleet = Some(samples::view(Role::Leads, samples::status()));
        assert_eq!(trouble(&view), None);
    }
}
