//! Metadata as nodes answer it.

/// The option that may wrap metadata, and how many bytes the length after it may have.
const SOME: u8 = 1;
const LENGTHS: [usize; 3] = [1, 2, 4];

/// The metadata in a node's answer. The answer of `state_getMetadata` is the metadata itself; the answer of
/// `Metadata_metadata_at_version` wraps it in bytes in an option. Anything else comes back unchanged, and
/// whoever reads it refuses it.
pub fn inside(answer: &[u8]) -> &[u8] {
    // Real metadata begins with another byte.
    let &[SOME, length, ..] = answer else {
        return answer;
    };
    // The two low bits of a length say how many bytes it has.
    let bytes = LENGTHS.get(usize::from(length & 3));
    let inside = bytes.and_then(|bytes| answer.get(1 + bytes..));
    inside.unwrap_or(answer)
}

#[cfg(test)]
mod tests {
    use btpow_forgery::Forgery;

    use super::*;

    #[test]
    fn both_answers_hold_the_same() {
        for forgery in Forgery::of_475() {
            let metadata = forgery.encode();
            assert_eq!(inside(&metadata), metadata);
            assert_eq!(inside(&forgery.encode_answer()), metadata);
        }
    }

    #[test]
    fn short_lengths_are_skipped_too() {
        assert_eq!(inside(&[1, 4 << 2, b'm', b'e', b't', b'a']), b"meta");
        assert_eq!(inside(&[1, 1, 1, b'm']), b"m");
    }

    #[test]
    fn other_bytes_come_back_unchanged() {
        for answer in [&[][..], &[0], &[1], &[1, 3, 9], &[1, 2, 0, 0], b"meta"] {
            assert_eq!(inside(answer), answer);
        }
    }
}
