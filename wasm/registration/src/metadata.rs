//! Metadata as nodes answer it.

/// The option and the length that metadata lies in, and how many bytes they are.
const SOME: u8 = 1;
const LENGTHS: [usize; 3] = [1, 2, 4];

/// The metadata in an answer of a node: that of `state_getMetadata` is it, that of
/// `Metadata_metadata_at_version` has it inside of bytes inside of an option. What is neither comes back
/// as it is, and is refused by whoever reads it.
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
    fn short_lengths_are_passed_over_as_well() {
        assert_eq!(inside(&[1, 4 << 2, b'm', b'e', b't', b'a']), b"meta");
        assert_eq!(inside(&[1, 1, 1, b'm']), b"m");
    }

    #[test]
    fn what_is_no_answer_is_left_alone() {
        for answer in [&[][..], &[0], &[1], &[1, 3, 9], &[1, 2, 0, 0], b"meta"] {
            assert_eq!(inside(answer), answer);
        }
    }
}
