//! The bytes of `pow_register`, for wallets that sign bytes.

use btpow_core::{PublicKey, Solution};

/// Bytes of the call: two indices, netuid, work block, nonce, seal and hotkey.
pub const LEN: usize = 2 + 2 + 8 + 8 + 32 + 32;

/// Where the call is: from the metadata of the runtime that will execute it.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// Index of the pallet `SubtensorModule`.
    pub pallet: u8,
    /// Index of its call `pow_register`.
    pub call: u8,
}

/// The SCALE encoding of `pow_register(netuid, work_block, nonce, work, hotkey)`.
///
/// It takes a [`Solution`], so that no call carries a proof that the reference refuses. All fields
/// have a fixed length; `work` is an array and has no length of its own.
pub fn pow_register(
    place: Place,
    netuid: u16,
    work_block: u64,
    solution: &Solution,
    hotkey: &PublicKey,
) -> [u8; LEN] {
    let mut call = [0; LEN];
    let parts: [&[u8]; 6] = [
        &[place.pallet, place.call],
        &netuid.to_le_bytes(),
        &work_block.to_le_bytes(),
        &solution.nonce().to_le_bytes(),
        &solution.seal().0,
        &hotkey.0,
    ];
    let mut rest = &mut call[..];
    for part in parts {
        let (head, tail) = rest.split_at_mut(part.len());
        head.copy_from_slice(part);
        rest = tail;
    }
    call
}

#[cfg(test)]
mod tests {
    use btpow_core::{Challenge, Difficulty};

    use super::*;

    #[test]
    fn the_fields_are_where_the_chain_reads_them() {
        let challenge = Challenge::v1(0x0102, [1; 32], [2; 32], [3; 32]).expect("not the root");
        let target = Difficulty::new(1).expect("not zero").target();
        let solution = Solution::verify(&challenge, &target, 0x1122_3344_5566_7788)
            .expect("everything wins at difficulty 1");
        let place = Place {
            pallet: 7,
            call: 152,
        };
        let bytes = pow_register(place, 0x0102, 0x0a0b, &solution, &PublicKey([2; 32]));
        let mut expected = vec![7, 152, 2, 1, 0x0b, 0x0a, 0, 0, 0, 0, 0, 0];
        expected.extend([0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11]);
        expected.extend(challenge.seal(0x1122_3344_5566_7788).0);
        expected.extend([2; 32]);
        assert_eq!(bytes.as_slice(), expected);
    }
}
