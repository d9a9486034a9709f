//! `forge NAME`: reads metadata from standard input and writes a lie about it to standard output, both as
//! `Metadata_metadata_at_version` returns it, in 0x-hex. `forge --list` names the lies.

use std::io::{self, Read as _};

use btpow_forgery::{Forgery, lies};

fn main() {
    let name = std::env::args().nth(1).expect("the name of a lie");
    if name == "--list" {
        for (name, _) in lies::all() {
            println!("{name}");
        }
        return;
    }
    let (_, tell) = lies::named(&name).unwrap_or_else(|| panic!("there is no lie {name}"));
    let mut text = String::new();
    io::stdin().read_to_string(&mut text).expect("text");
    let digits = text.trim().trim_start_matches("0x");
    let byte = |at| u8::from_str_radix(&digits[at..at + 2], 16).expect("hexadecimal digits");
    let answer: Vec<u8> = (0..digits.len()).step_by(2).map(byte).collect();
    let mut forgery = Forgery::read_answer(&answer);
    tell(&mut forgery);
    let answer = forgery.encode_answer();
    let digits: String = answer.iter().map(|byte| format!("{byte:02x}")).collect();
    println!("0x{digits}");
}
