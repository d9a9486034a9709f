//! How difficulty moves.

use frame_support::traits::Get as _;

use super::mock::{OPEN, Test, begin_block, in_block_100};
use crate::difficulty::decay_factor;
use crate::fixed::DefaultIncreaseMult;
use crate::{BurnHalfLife, Difficulty, MaxDifficulty, MinDifficulty, NetUid, Pallet, U64F64};

#[test]
fn it_falls_by_half_in_a_half_life() {
    in_block_100(|| {
        Difficulty::<Test>::insert(OPEN, 80_000_000);
        for block in 101..=460 {
            begin_block(block);
        }
        let halved = Difficulty::<Test>::get(OPEN);
        assert!(halved.abs_diff(40_000_000) < 400, "{halved}");
    });
}

#[test]
fn it_stays_within_its_bounds() {
    in_block_100(|| {
        MinDifficulty::<Test>::insert(OPEN, 999_999);
        Difficulty::<Test>::insert(OPEN, 1_000_000);
        begin_block(101);
        assert_eq!(Difficulty::<Test>::get(OPEN), 999_999);
        begin_block(102);
        assert_eq!(Difficulty::<Test>::get(OPEN), 999_999);

        MaxDifficulty::<Test>::insert(OPEN, 1_100_000);
        Pallet::<Test>::raise_difficulty(OPEN);
        assert_eq!(Difficulty::<Test>::get(OPEN), 1_100_000);
    });
}

#[test]
fn it_stays_on_the_root() {
    in_block_100(|| {
        Difficulty::<Test>::insert(NetUid::ROOT, 1_000_000);
        begin_block(101);
        assert_eq!(Difficulty::<Test>::get(NetUid::ROOT), 1_000_000);
    });
}

#[test]
fn without_a_half_life_it_does_not_fall() {
    in_block_100(|| {
        BurnHalfLife::<Test>::insert(OPEN, 0);
        Difficulty::<Test>::insert(OPEN, 1_000_000);
        begin_block(101);
        assert_eq!(Difficulty::<Test>::get(OPEN), 1_000_000);
    });
}

#[test]
fn factors_are_roots_of_one_half() {
    for half_life in [1, 2, 360, u16::MAX] {
        let exact = 0.5_f64.powf(1.0 / f64::from(half_life));
        #[expect(clippy::cast_precision_loss, reason = "it has 32 bits")]
        let factor = decay_factor(half_life) as f64 / 2_f64.powi(32);
        assert!(
            (factor - exact).abs() < 1e-7,
            "{half_life}: {factor}, not {exact}"
        );
    }
}

#[test]
fn products_are_exact_and_bounded() {
    let of = |whole: u128, hundredths: u128| U64F64 {
        bits: (whole << 64) + (hundredths << 64) / 100,
    };
    assert_eq!(DefaultIncreaseMult::get().times(10_000_000), 12_600_000);
    assert_eq!(of(1, 50).times(3), 4);
    assert_eq!(of(0, 0).times(u64::MAX), 0);
    assert_eq!(of(1, 0).times(u64::MAX), u64::MAX);
    assert_eq!(of(1, 26).times(u64::MAX), u64::MAX);
    assert_eq!(U64F64 { bits: u128::MAX }.times(u64::MAX), u64::MAX);
}
