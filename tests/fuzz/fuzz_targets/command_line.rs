//! Any command line is either understood or answered with one harmless line.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|typed: &str| btpow::fuzzing::command_line(typed));
