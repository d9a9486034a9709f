//! The reference against the known answers.

use btpow_conformance::vectors;
use btpow_core::Solution;

#[test]
fn seals() {
    for vector in vectors::seals() {
        assert_eq!(
            vector.challenge.seal(vector.nonce),
            vector.seal,
            "nonce {}",
            vector.nonce
        );
    }
}

#[test]
fn first_solutions() {
    for vector in vectors::first_solutions() {
        let target = vector.difficulty.target();
        let solution = Solution::verify(&vector.challenge, &target, vector.nonce).expect("wins");
        assert_eq!(solution.seal(), vector.seal);
        // No nonce before it wins. The tests of the kernels search all the way; here the nearest will do.
        let searched = vector.nonce.wrapping_sub(vector.start).min(2_000);
        for back in 1..=searched {
            let nonce = vector.nonce.wrapping_sub(back);
            assert!(
                Solution::verify(&vector.challenge, &target, nonce).is_err(),
                "{nonce}"
            );
        }
    }
}

#[test]
fn targets() {
    for vector in vectors::targets() {
        assert_eq!(
            vector.difficulty.target().max().to_big_endian(),
            vector.target
        );
    }
}
