//! No events of a block make a reader panic, by the metadata of a real runtime.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| btpow::fuzzing::events(bytes));
