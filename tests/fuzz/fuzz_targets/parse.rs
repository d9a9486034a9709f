//! No text from a user makes a parser panic, and a parsed value is what was written.

#![no_main]

use btpow_core::{Difficulty, Isa, PublicKey, key::hex32};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(key) = text.parse::<PublicKey>() {
        // An address is the only way to write its key in base58; hex has two cases.
        let address = key.to_string();
        assert!(address == text || text.starts_with("0x") || text.starts_with("0X"));
        assert_eq!(address.parse(), Ok(key));
    }
    if let Ok(bytes) = hex32(text) {
        let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        assert!(text.to_ascii_lowercase().ends_with(&digits));
    }
    if let Ok(difficulty) = text.parse::<Difficulty>() {
        assert_eq!(difficulty.to_string().parse(), Ok(difficulty));
        if let Ok(plain) = text.parse::<u64>() {
            assert_eq!(difficulty.get(), plain);
        }
    } else if text.bytes().all(|byte| byte.is_ascii_digit()) {
        assert!(
            text.parse::<u64>().map_or(true, |plain| plain == 0),
            "{text} was refused"
        );
    }
    let _ = Isa::named(text);
});
