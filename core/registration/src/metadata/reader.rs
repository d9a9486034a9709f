//! Reads SCALE, the encoding of the chain, from bytes that nobody vouches for.

/// The most lines of documentation that anything has. Real ones have a hundred.
const MAX_LINES: u32 = 1_024;

/// The most lines in all of it: ten times finney's. A library that decodes them pays for each as for a text.
const MAX_ALL_LINES: u32 = 150_000;

/// The most bytes of a name.
const MAX_TEXT: usize = 1_024;

/// Something was expected here and is missing.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct End {
    /// In bytes from the beginning.
    pub(super) at: usize,
}

/// A place in bytes. It only moves forward, by at least a byte for each element of a list, so no claimed
/// length makes it work longer than there are bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    /// Lines of documentation that may still come.
    lines: u32,
}

impl<'a> Reader<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self::from(bytes, 0)
    }

    /// Begins at a place.
    pub(super) const fn from(bytes: &'a [u8], at: usize) -> Self {
        Self {
            bytes,
            at,
            lines: MAX_ALL_LINES,
        }
    }

    /// All bytes, those before the place among them.
    pub(super) const fn all(&self) -> &'a [u8] {
        self.bytes
    }

    /// The place.
    pub(super) const fn place(&self) -> usize {
        self.at
    }

    /// The error that what follows is not what was expected.
    pub(super) const fn end(&self) -> End {
        End { at: self.at }
    }

    fn take(&mut self, len: usize) -> Result<&'a [u8], End> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let taken = rest.get(..len).ok_or(self.end())?;
        self.at += len;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], End> {
        let end = self.end();
        self.take(N)?.try_into().map_err(|_| end)
    }

    pub(super) fn u8(&mut self) -> Result<u8, End> {
        self.array().map(|[byte]| byte)
    }

    pub(super) fn u32(&mut self) -> Result<u32, End> {
        self.array().map(u32::from_le_bytes)
    }

    /// Whether there is something.
    pub(super) fn option(&mut self) -> Result<bool, End> {
        let end = self.end();
        match self.u8()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(end),
        }
    }

    /// A length or the number of a type: one, two or four bytes by the two low bits of the first.
    pub(super) fn compact(&mut self) -> Result<u32, End> {
        let end = self.end();
        let first = self.u8()?;
        Ok(match first & 3 {
            0 => u32::from(first) >> 2,
            1 => {
                let [second] = self.array()?;
                u32::from(u16::from_le_bytes([first, second])) >> 2
            }
            2 => {
                let [second, third, fourth] = self.array()?;
                u32::from_le_bytes([first, second, third, fourth]) >> 2
            }
            // Nothing that fits here has a length above 2^30.
            _ => return Err(end),
        })
    }

    /// The length of a list that has no more than `most` elements.
    pub(super) fn count(&mut self, most: u32) -> Result<u32, End> {
        let end = self.end();
        match self.compact()? {
            count if count <= most => Ok(count),
            _ => Err(end),
        }
    }

    /// Bytes after their number.
    pub(super) fn bytes(&mut self) -> Result<&'a [u8], End> {
        let len = self.compact()?;
        self.take(len as usize)
    }

    /// A name after the number of its bytes.
    pub(super) fn text(&mut self) -> Result<&'a str, End> {
        let end = self.end();
        let bytes = self.bytes()?;
        let text = str::from_utf8(bytes).ok();
        text.filter(|text| text.len() <= MAX_TEXT).ok_or(end)
    }

    /// Skips documentation: lines after their number.
    pub(super) fn lines(&mut self) -> Result<(), End> {
        let end = self.end();
        let lines = self.count(MAX_LINES)?;
        self.lines = self.lines.checked_sub(lines).ok_or(end)?;
        for _ in 0..lines {
            self.bytes()?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use alloc::{string::String, vec::Vec};

    use parity_scale_codec::{Compact, Encode as _};
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_above_a_gigabyte_are_refused() {
        let bytes = Compact(1_u32 << 30).encode();
        assert_eq!(Reader::new(&bytes).compact(), Err(End { at: 0 }));
    }

    #[test]
    fn a_length_beyond_the_end_is_refused() {
        let bytes = [Compact(5_u32).encode(), b"four".to_vec()].concat();
        assert_eq!(Reader::new(&bytes).bytes(), Err(End { at: 1 }));
        assert_eq!(Reader::from(&bytes, 99).u8(), Err(End { at: 99 }));
    }

    proptest! {
        #[test]
        fn compact_numbers_are_those_of_the_codec(number in 0..1_u32 << 30) {
            let bytes = Compact(number).encode();
            let mut reader = Reader::new(&bytes);
            prop_assert_eq!(reader.compact(), Ok(number));
            prop_assert_eq!(reader.place(), bytes.len());
        }

        #[test]
        fn texts_are_those_of_the_codec(texts: Vec<String>, after: u8) {
            let mut bytes = texts.encode();
            bytes.push(after);
            let mut reader = Reader::new(&bytes);
            reader.lines().expect("lines");
            prop_assert_eq!(reader.u8(), Ok(after));
            let mut reader = Reader::new(&bytes);
            prop_assert_eq!(reader.compact(), Ok(u32::try_from(texts.len()).expect("few")));
            for text in &texts {
                prop_assert_eq!(reader.text(), Ok(text.as_str()));
            }
        }
    }
}
