//! No JSON from a node makes a reader panic.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| btpow::fuzzing::message(bytes));
