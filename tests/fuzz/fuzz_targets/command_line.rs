//! Whatever is typed is understood, or complained about on one harmless line.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|typed: &str| btpow::fuzzing::command_line(typed));
