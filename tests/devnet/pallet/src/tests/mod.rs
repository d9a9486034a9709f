//! The pallet on its own, compiled for this machine.

mod burning;
mod difficulty;
#[cfg(feature = "pow-register")] // it makes calls of that name
mod extension;
mod faucet;
mod legacy;
mod mock;
mod pow;
mod seal;
#[cfg(feature = "pow-register")]
mod signing;
mod storage;
mod vectors;
