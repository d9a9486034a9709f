//! The faucet.

use frame_support::assert_ok;
use frame_support::dispatch::DispatchResult;
use sp_core::H256;
use sp_runtime::AccountId32;

use super::mock::{
    Balances, Error, LegacyOrder, SubtensorModule, Test, assert_refused, events, in_block_100, key,
};
use super::vectors::unhex;
use crate::Event;
use crate::faucet::AMOUNT;
use crate::seal::Order;

/// The block and key of a legacy vector of the official SDK. In these tests the block is block 99.
const BLOCK_HASH: &str = "c444e4205857add79a0427401aa2518d11e85f32377eff9a946d180a54697459";
const KEY: &str = "ba3189e99e75b6097cd94a5ecc771016b83c8432d35d14a03ab731b07112f559";

/// The first winners at the faucet from nonce 0, found with Python's hashlib and pycryptodome, since the search takes a
/// million hashes. Each wins only in its order.
const SOLUTIONS: [Solution; 2] = [
    Solution {
        order: Order::Little,
        nonce: 1_091_035,
        work: "aba0ff109d2dfb04984598ef5a7801c95e2c3c828b219c5355eb6f575e080000",
    },
    Solution {
        order: Order::Big,
        nonce: 604_817,
        work: "00000b4ecf30c9b076d9abbe348fdbca94b91a4c440ddf3fd8919570ed999728",
    },
];

struct Solution {
    order: Order,
    nonce: u64,
    work: &'static str,
}

impl Solution {
    fn send(&self, signer: &AccountId32, block: u64, nonce: u64) -> DispatchResult {
        frame_system::BlockHash::<Test>::insert(99, H256(unhex(BLOCK_HASH)));
        let signer = Some(signer.clone()).into();
        SubtensorModule::faucet(signer, block, nonce, unhex(self.work).to_vec())
    }
}

#[test]
fn a_proof_of_the_signer_gives_a_thousand_tao() {
    for solution in SOLUTIONS {
        in_block_100(|| {
            let owner = AccountId32::new(unhex(KEY));
            LegacyOrder::set(solution.order);
            assert_ok!(solution.send(&owner, 99, solution.nonce));
            assert_eq!(AMOUNT, 1_000_000_000_000);
            assert_eq!(Balances::free_balance(&owner), AMOUNT);
            assert_eq!(events(), [Event::Faucet(owner.clone(), AMOUNT)]);
            assert_ok!(solution.send(&owner, 99, solution.nonce));
            assert_eq!(
                Balances::free_balance(&owner),
                2 * AMOUNT,
                "proofs are not used up"
            );
        });
    }
}

#[test]
fn other_proofs_give_nothing() {
    for solution in SOLUTIONS {
        let other_order = match solution.order {
            Order::Little => Order::Big,
            Order::Big => Order::Little,
        };
        in_block_100(|| {
            let owner = AccountId32::new(unhex(KEY));
            let nonce = solution.nonce;
            LegacyOrder::set(other_order);
            assert_refused(solution.send(&owner, 99, nonce), Error::InvalidDifficulty);
            LegacyOrder::set(solution.order);
            assert_refused(solution.send(&owner, 99, nonce + 1), Error::InvalidSeal);
            assert_refused(solution.send(&owner, 98, nonce), Error::InvalidSeal);
            assert_refused(solution.send(&key(1), 99, nonce), Error::InvalidSeal);
            assert_refused(solution.send(&owner, 97, nonce), Error::InvalidWorkBlock);
            assert_refused(solution.send(&owner, 101, nonce), Error::InvalidWorkBlock);
            assert_eq!(Balances::free_balance(&owner), 0);
        });
    }
}
