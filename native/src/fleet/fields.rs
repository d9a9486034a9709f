//! A fleet in JSON, with the words and units of the other answers. Words of rigs are on one line and harmless.

use btpow_fleet::message::{Count, Device, Lost, Progress, Rig, Status};
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    FleetView, Role,
    view::{count, labels},
};
use crate::text;

/// The answer of `btpow fleet status`: a fleet, as the coordinator that leads it knows it.
#[derive(Debug, JsonSchema, Serialize)]
pub struct StatusFields {
    /// The process that answers, drawn by lot when it started.
    coordinator: String,
    program: String,
    /// The newest block that it knows.
    head: u64,
    /// The block that rigs search for; null while they rest.
    block_number: Option<u64>,
    /// Of all rigs.
    hash_rate: f64,
    /// What became of the finds of all rigs.
    finds: FindFields,
    #[serde(flatten)]
    progress: ProgressFields,
    /// The first of them, by name.
    rigs: Vec<RigFields>,
    /// How many more there are.
    more_rigs: u64,
    /// The names of rigs that were cut off.
    cut_off: Vec<String>,
}

/// The fleet of a coordinator, in the answer to `/status`.
#[derive(Debug, JsonSchema, Serialize)]
pub(crate) struct FleetFields {
    #[serde(flatten)]
    link: LinkFields,
    #[serde(flatten)]
    status: StatusFields,
}

/// The same without its rigs, in the state of a search.
#[derive(Debug, JsonSchema, Serialize)]
pub(crate) struct TotalFields {
    #[serde(flatten)]
    link: LinkFields,
    /// How many there are.
    rigs: u64,
    /// Of all rigs.
    hash_rate: f64,
    finds: FindFields,
}

#[derive(Debug, JsonSchema, Serialize)]
struct LinkFields {
    server: String,
    /// `leads`, `follows`, or `waits` while nobody leads.
    role: &'static str,
    /// The coordinator that leads, where that is another one.
    leader: Option<String>,
    /// Whether there is a connection to the server.
    connected: bool,
    /// How often and how long there was none.
    disconnections: u64,
    time_disconnected: f64,
}

/// How many finds were taken, and so on.
#[derive(Debug, JsonSchema, Serialize)]
struct FindFields {
    taken: u64,
    /// Known already, or not lower than one that is.
    known: u64,
    late: u64,
    /// No solutions.
    wrong: u64,
    /// Not to be judged yet.
    kept: u64,
}

/// What became of rigs and of their messages since the coordinator started.
#[derive(Debug, JsonSchema, Serialize)]
struct ProgressFields {
    rigs_joined: u64,
    rigs_left: u64,
    /// Those that fell silent.
    rigs_lost: u64,
    /// More than a rig may send.
    messages_flooded: u64,
    messages_unreadable: u64,
}

/// A rig. Several may have one name; each has a range of its own.
#[derive(Debug, JsonSchema, Serialize)]
struct RigFields {
    name: String,
    /// The name, with the range where others have the same name.
    label: String,
    program: String,
    range: u16,
    /// For how long it has been there.
    uptime: f64,
    /// How long ago it was heard of.
    heard: f64,
    /// The block that it hashes for; null if it does not hash.
    block_number: Option<u64>,
    hash_rate: f64,
    finds: FindFields,
    lost: LostFields,
    devices: Vec<DeviceFields>,
}

/// For how long a rig has hashed nothing.
#[derive(Debug, JsonSchema, Serialize)]
struct LostFields {
    /// It had no range or no challenge yet.
    joining: f64,
    /// It heard nothing from a coordinator.
    silent: f64,
    /// The coordinator had nothing to search for.
    resting: f64,
}

#[derive(Debug, JsonSchema, Serialize)]
struct DeviceFields {
    name: String,
    hash_rate: f64,
    /// A text, as it may exceed 2^53.
    nonces_total: String,
    /// Why it was dropped; null if it was not.
    dropped: Option<String>,
}

impl From<&Status> for StatusFields {
    fn from(status: &Status) -> Self {
        let rigs = labels(&status.rigs).zip(&status.rigs);
        Self {
            coordinator: status.coordinator.to_string(),
            program: text::line(status.program.as_str(), text::MESSAGE),
            head: status.head,
            block_number: status.block,
            hash_rate: status.rate,
            finds: status.finds.into(),
            progress: status.progress.into(),
            rigs: rigs.map(RigFields::from).collect(),
            more_rigs: status.more_rigs,
            cut_off: { status.cut_off.iter() }
                .map(|name| text::line(name, text::NAME))
                .collect(),
        }
    }
}

impl From<&FleetView> for FleetFields {
    fn from(view: &FleetView) -> Self {
        Self {
            link: view.into(),
            status: (&*view.status).into(),
        }
    }
}

impl From<&FleetView> for TotalFields {
    fn from(view: &FleetView) -> Self {
        Self {
            link: view.into(),
            rigs: count(&view.status),
            hash_rate: view.status.rate,
            finds: view.status.finds.into(),
        }
    }
}

impl From<&FleetView> for LinkFields {
    fn from(view: &FleetView) -> Self {
        let leader = match view.role {
            Role::Follows(leader) => Some(leader.to_string()),
            Role::Leads | Role::Waits => None,
        };
        Self {
            server: view.server.clone(),
            role: view.role.name(),
            leader,
            connected: view.link.is_connected,
            disconnections: view.link.losses,
            time_disconnected: view.link.lost_time.as_secs_f64(),
        }
    }
}

impl From<Count> for FindFields {
    fn from(count: Count) -> Self {
        let Count {
            taken,
            known,
            late,
            wrong,
            kept,
        } = count;
        Self {
            taken,
            known,
            late,
            wrong,
            kept,
        }
    }
}

impl From<Progress> for ProgressFields {
    fn from(progress: Progress) -> Self {
        Self {
            rigs_joined: progress.joined,
            rigs_left: progress.left,
            rigs_lost: progress.lost,
            messages_flooded: progress.flooded,
            messages_unreadable: progress.unreadable,
        }
    }
}

impl From<(String, &Rig)> for RigFields {
    fn from((label, rig): (String, &Rig)) -> Self {
        Self {
            name: text::line(&rig.name, text::NAME),
            label,
            program: text::line(rig.program.as_str(), text::MESSAGE),
            range: rig.range.number(),
            uptime: rig.here_s,
            heard: rig.silent_s,
            block_number: rig.block,
            hash_rate: rig.rate(),
            finds: rig.finds.into(),
            lost: rig.lost.into(),
            devices: rig.devices.iter().map(DeviceFields::from).collect(),
        }
    }
}

impl From<Lost> for LostFields {
    fn from(lost: Lost) -> Self {
        Self {
            joining: lost.joining_s,
            silent: lost.silent_s,
            resting: lost.resting_s,
        }
    }
}

impl From<&Device> for DeviceFields {
    fn from(device: &Device) -> Self {
        let fault = device.fault.as_ref();
        Self {
            name: text::line(device.name.as_str(), text::NAME),
            hash_rate: device.rate,
            nonces_total: device.nonces.to_string(),
            dropped: fault.map(|it| text::line(it.as_str(), text::MESSAGE)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{fleet::samples, report::json};

    #[test]
    fn rigs_have_their_numbers_and_harmless_names() {
        let view = samples::view(Role::Follows(btpow_fleet::Id(7)), samples::status());
        let line = json::line(&FleetFields::from(&view));
        assert!(
            !line.contains("\\u001b") && !line.contains('\u{1b}'),
            "{line}"
        );
        let answer: serde_json::Value = serde_json::from_str(&line).expect("JSON");
        assert_eq!(answer["server"], "tls://nats.example/main");
        assert_eq!(
            (&answer["role"], &answer["leader"]),
            (&"follows".into(), &"0000000000000007".into())
        );
        assert_eq!(answer["time_disconnected"], 2.5);
        assert_eq!(answer["finds"]["wrong"], 3);
        assert_eq!(answer["messages_flooded"], 7);
        let cards = &answer["rigs"][1];
        assert_eq!(
            (&cards["name"], &cards["label"]),
            (&"cards".into(), &"cards:1".into())
        );
        assert_eq!(cards["hash_rate"], 3.494e9);
        assert_eq!(cards["lost"]["resting"], 95.0);
        assert_eq!(cards["devices"][1]["dropped"], "it hangs");
        assert_eq!(cards["devices"][0]["nonces_total"], "18446744073709551615");
        assert_eq!(answer["rigs"][3]["name"], "[2J registered as UID 3");
        assert_eq!(answer["cut_off"][1], "[2J registered as UID 3");
    }

    #[test]
    fn answers_are_what_their_schemas_say() {
        fn check<T: JsonSchema + Serialize>(fields: &T) {
            let settings = schemars::generate::SchemaSettings::draft2020_12().for_serialize();
            let schema = settings.into_generator().into_root_schema_for::<T>();
            let validator = jsonschema::draft202012::new(schema.as_value()).expect("a schema");
            let value = serde_json::to_value(fields).expect("JSON");
            let wrong: Vec<_> = validator
                .iter_errors(&value)
                .map(|it| it.to_string())
                .collect();
            assert!(wrong.is_empty(), "{wrong:?}");
        }
        let view = samples::view(Role::Waits, samples::status());
        check(&StatusFields::from(&*view.status));
        check(&FleetFields::from(&view));
        check(&TotalFields::from(&view));
    }
}
