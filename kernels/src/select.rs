//! Finds the cards that a user names: `cuda`, `cuda:0,2`, `cuda:GPU-4a1b…`, `cuda:65:00.0`.

use crate::Card;

/// What a user wrote after `cuda`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Selection {
    /// `cuda`: every card.
    All,
    /// `cuda:…`: these.
    These(Vec<Which>),
}

/// One card.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Which {
    /// By its place in the driver's list.
    Index(u32),
    /// By its UUID or the start of it, in lower case without `gpu-`.
    Uuid(String),
    /// By its PCI address: domain, bus, device, function.
    Pci(u32, u32, u32, u32),
}

/// Why there is no such card.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SelectError {
    /// It is not a way to name a card.
    #[error(
        "{0:?} names no card; write an index (cuda:0,2), a UUID (cuda:GPU-…) or a PCI address (cuda:65:00.0)"
    )]
    Unreadable(String),
    /// No card has that name.
    #[error("there is no card {wanted}; there are {present}")]
    Missing {
        /// The name.
        wanted: String,
        /// The names of the cards.
        present: String,
    },
    /// The start of a UUID that two cards share.
    #[error("{0} is the start of more than one card's UUID; write more of it")]
    Ambiguous(String),
}

impl Selection {
    /// Reads `cuda` or `cuda:LIST`; none when the text names another kind of devices.
    ///
    /// # Errors
    ///
    /// [`SelectError::Unreadable`].
    pub fn parse(text: &str) -> Option<Result<Self, SelectError>> {
        let list = match text.strip_prefix("cuda") {
            Some("") => return Some(Ok(Self::All)),
            Some(rest) => rest.strip_prefix(':')?,
            None => return None,
        };
        let which = |item: &str| {
            Which::parse(item.trim()).ok_or_else(|| SelectError::Unreadable(item.trim().to_owned()))
        };
        Some(
            list.split(',')
                .map(which)
                .collect::<Result<_, _>>()
                .map(Self::These),
        )
    }

    /// The indices in `cards` of the selected ones, ascending, each once; and for each item that selects none,
    /// [`SelectError::Missing`] or [`SelectError::Ambiguous`].
    pub fn among(&self, cards: &[Card]) -> (Vec<usize>, Vec<SelectError>) {
        let these = match self {
            Self::All => return ((0..cards.len()).collect(), Vec::new()),
            Self::These(these) => these,
        };
        let (mut places, mut errors) = (Vec::new(), Vec::new());
        for which in these {
            match which.among(cards) {
                Ok(place) => places.push(place),
                Err(error) => errors.push(error),
            }
        }
        places.sort_unstable();
        places.dedup();
        (places, errors)
    }
}

impl Which {
    /// Reads one item of a list.
    pub fn parse(item: &str) -> Option<Self> {
        if let Ok(index) = item.parse() {
            return item
                .bytes()
                .all(|b| b.is_ascii_digit())
                .then_some(Self::Index(index));
        }
        if item
            .get(..4)
            .is_some_and(|start| start.eq_ignore_ascii_case("gpu-"))
        {
            let uuid = item[4..].to_ascii_lowercase();
            let plain = uuid.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
            return (plain && !uuid.is_empty()).then_some(Self::Uuid(uuid));
        }
        pci(item).map(|(domain, bus, device, function)| Self::Pci(domain, bus, device, function))
    }

    fn among(&self, cards: &[Card]) -> Result<usize, SelectError> {
        let is = |card: &Card| match self {
            Self::Index(index) => card.index == *index,
            Self::Uuid(start) => card
                .uuid
                .to_ascii_lowercase()
                .strip_prefix("gpu-")
                .is_some_and(|uuid| uuid.starts_with(start)),
            Self::Pci(domain, bus, device, function) => {
                pci(&card.pci) == Some((*domain, *bus, *device, *function))
            }
        };
        let mut places = (0..cards.len()).filter(|&place| is(&cards[place]));
        let first = places.next().ok_or_else(|| SelectError::Missing {
            wanted: self.to_string(),
            present: present(cards),
        })?;
        match places.next() {
            None => Ok(first),
            Some(_) => Err(SelectError::Ambiguous(self.to_string())),
        }
    }
}

/// `[domain:]bus:device[.function]`, all in hexadecimal.
fn pci(text: &str) -> Option<(u32, u32, u32, u32)> {
    let hex = |part: &str| {
        let plain = part.bytes().all(|b| b.is_ascii_hexdigit());
        plain.then(|| u32::from_str_radix(part, 16).ok()).flatten()
    };
    let parts: Vec<_> = text.split(':').collect();
    let (domain, bus, last) = match parts[..] {
        [domain, bus, last] => (hex(domain)?, bus, last),
        [bus, last] => (0, bus, last),
        _ => return None,
    };
    let (device, function) = last.split_once('.').unwrap_or((last, "0"));
    Some((domain, hex(bus)?, hex(device)?, hex(function)?))
}

fn present(cards: &[Card]) -> String {
    if cards.is_empty() {
        return "none".to_owned();
    }
    let names: Vec<_> = cards.iter().map(Card::selector).collect();
    names.join(", ")
}

impl core::fmt::Display for Which {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Index(index) => write!(f, "cuda:{index}"),
            Self::Uuid(uuid) => write!(f, "cuda:GPU-{uuid}"),
            Self::Pci(domain, bus, device, function) => {
                write!(f, "cuda:{domain:04x}:{bus:02x}:{device:02x}.{function:x}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::card::ComputeMode;

    fn cards() -> Vec<Card> {
        let card = |index, uuid: &str, pci: &str| Card {
            index,
            name: "NVIDIA Test".to_owned(),
            uuid: format!("GPU-{uuid}"),
            pci: pci.to_owned(),
            capability: (9, 0),
            multiprocessors: 132,
            memory: 1 << 37,
            mode: ComputeMode::Default,
            driver: (12, 4),
        };
        vec![
            card(
                0,
                "4a1b0000-0000-0000-0000-000000000000",
                "00000000:65:00.0",
            ),
            card(
                1,
                "4a1c0000-0000-0000-0000-000000000000",
                "00000000:CA:00.0",
            ),
            card(
                2,
                "ffff0000-0000-0000-0000-000000000000",
                "00000001:65:00.0",
            ),
        ]
    }

    fn select(text: &str) -> Result<Vec<usize>, SelectError> {
        let (places, errors) = Selection::parse(text).expect("about CUDA")?.among(&cards());
        errors.into_iter().next().map_or(Ok(places), Err)
    }

    #[test]
    fn cards_are_named_in_three_ways() {
        assert_eq!(select("cuda"), Ok(vec![0, 1, 2]));
        assert_eq!(select("cuda:2,0,2"), Ok(vec![0, 2]));
        assert_eq!(select("cuda: 1 , 0"), Ok(vec![0, 1]));
        assert_eq!(select("cuda:GPU-4A1C"), Ok(vec![1]));
        assert_eq!(
            select("cuda:gpu-ffff0000-0000-0000-0000-000000000000,0"),
            Ok(vec![0, 2])
        );
        assert_eq!(select("cuda:65:00.0"), Ok(vec![0]));
        assert_eq!(select("cuda:0000:ca:00.0"), Ok(vec![1]));
        assert_eq!(select("cuda:1:65:0"), Ok(vec![2]));
    }

    #[test]
    fn an_item_that_names_no_card_is_an_error() {
        for text in [
            "cuda:",
            "cuda:+1",
            "cuda:x",
            "cuda:0,",
            "cuda:GPU-",
            "cuda:GPU-xy",
            "cuda:1:2:3:4",
        ] {
            assert!(
                matches!(select(text), Err(SelectError::Unreadable(_))),
                "{text}"
            );
        }
        let missing = select("cuda:3").expect_err("there are three");
        assert_eq!(
            missing.to_string(),
            "there is no card cuda:3; there are cuda:0, cuda:1, cuda:2"
        );
        assert_eq!(
            select("cuda:GPU-4a1"),
            Err(SelectError::Ambiguous("cuda:GPU-4a1".to_owned()))
        );
        let selection = Selection::parse("cuda:7,1,8").expect("about CUDA");
        let (places, errors) = selection.expect("a list").among(&cards());
        assert_eq!((places, errors.len()), (vec![1], 2));
        assert!(matches!(
            select("cuda:66:00.0"),
            Err(SelectError::Missing { .. })
        ));
    }

    #[test]
    fn other_devices_are_not_ours() {
        for text in ["cpu", "cudax", "wgpu:0", "CUDA:0"] {
            assert!(Selection::parse(text).is_none(), "{text}");
        }
    }
}
