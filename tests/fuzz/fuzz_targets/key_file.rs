//! No key file makes a reader panic, and its key is the one that it names.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| btpow::fuzzing::key_file(bytes));
