//! Nothing that a node tells as JSON makes a reader panic.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| btpow::fuzzing::message(bytes));
