//! A runtime as JavaScript describes it: fields, each a kind, a length and a text.

use btpow_core::rules::{Argument, Runtime};

/// What a field is.
mod kind {
    /// What the runtime calls itself: the first field.
    pub(super) const RUNTIME: u8 = 6;
    /// A call; its arguments follow.
    pub(super) const CALL: u8 = 7;
}

/// The fields: the name of the runtime, then calls and their arguments. A field is a byte that says its kind, four that say
/// the length of its text, low byte first, and the text. Below 6 a kind is that of an argument, in the order of [`Argument`].
#[derive(Clone, Copy, Debug)]
pub struct Description<'a> {
    /// The version.
    pub spec: u32,
    /// The fields.
    pub bytes: &'a [u8],
}

impl<'a> Description<'a> {
    fn fields(&self) -> impl Iterator<Item = (u8, &'a [u8])> {
        let mut rest = self.bytes;
        core::iter::from_fn(move || {
            let (&[kind, a, b, c, d], text) = rest.split_first_chunk()?;
            let (text, after) = text.split_at_checked(u32::from_le_bytes([a, b, c, d]) as usize)?;
            rest = after;
            Some((kind, text))
        })
    }
}

impl Runtime for Description<'_> {
    fn name(&self) -> &str {
        let first = self.fields().next();
        first.map_or("", |(_, name)| text(name))
    }

    fn spec(&self) -> u32 {
        self.spec
    }

    fn arguments(&self, call: &str) -> Option<impl Iterator<Item = (&str, Argument)>> {
        let mut fields = self.fields();
        fields.find(|&(kind, name)| kind == kind::CALL && name == call.as_bytes())?;
        Some(fields.map_while(|(kind, name)| {
            let argument = match kind {
                0 => Argument::U16,
                1 => Argument::U64,
                2 => Argument::Bytes,
                3 => Argument::Bytes32,
                4 => Argument::Account,
                kind::RUNTIME.. => return None,
                _ => Argument::Other,
            };
            Some((text(name), argument))
        }))
    }
}

/// The names that the rules know are ASCII; another one is as good as none.
fn text(bytes: &[u8]) -> &str {
    if bytes.is_ascii() {
        // SAFETY: ASCII is UTF-8. `from_utf8` is 700 bytes more of the module.
        unsafe { core::str::from_utf8_unchecked(bytes) }
    } else {
        ""
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(kind: u8, name: &str) -> Vec<u8> {
        let len = u32::try_from(name.len()).expect("short");
        [&[kind][..], &len.to_le_bytes(), name.as_bytes()].concat()
    }

    #[test]
    fn calls_have_the_arguments_that_follow() {
        let fields = [
            field(kind::RUNTIME, "node-subtensor"),
            field(kind::CALL, "register"),
            field(0, "netuid"),
            field(5, "proof"),
            field(kind::CALL, "faucet"),
            field(kind::CALL, "pow_register"),
            field(3, "work"),
        ];
        let bytes = fields.concat();
        let all = |bytes: &[u8], call: &str| {
            let description = Description { spec: 7, bytes };
            assert_eq!(
                (description.name(), description.spec()),
                ("node-subtensor", 7)
            );
            let arguments = description.arguments(call)?;
            Some(
                arguments
                    .map(|(name, kind)| (name.to_owned(), kind))
                    .collect::<Vec<_>>(),
            )
        };
        let argument = |name: &str, kind| (name.to_owned(), kind);
        let register = vec![
            argument("netuid", Argument::U16),
            argument("proof", Argument::Other),
        ];
        assert_eq!(all(&bytes, "register"), Some(register));
        assert_eq!(all(&bytes, "faucet"), Some(vec![]));
        let work = vec![argument("work", Argument::Bytes32)];
        assert_eq!(all(&bytes, "pow_register"), Some(work));
        assert_eq!(all(&bytes, "netuid"), None, "no call, an argument");
        // What is cut off is not there.
        assert_eq!(all(&bytes[..bytes.len() - 1], "pow_register"), Some(vec![]));
    }
}
