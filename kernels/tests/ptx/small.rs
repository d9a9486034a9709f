//! Small programs for the tests of the interpreter.

use crate::interpreter::{fault::Fault, grid::Grid, module::Program};

/// A program with some declarations and one kernel, which gets the address of a buffer in `%out`.
pub(crate) fn program(declarations: &str, statements: &str) -> String {
    format!(
        "// A program.
         .version 8.0
         .target sm_75
         .address_size 64
         {declarations}
         .visible .entry test(.param .u32 number, .param .align 8 .b8 pair[8], .param .u64 out)
         .maxntid 128, 1, 1
         {{
         .reg .pred %p<4>;
         .reg .b16 %h<8>;
         .reg .b32 %r<16>;
         .reg .b64 %d<16>, %out;
         ld.param.u64 %out, [out];
         {statements}
         ret;
         }}"
    )
}

/// Runs such a program. Returns the buffer, 64 words that were zero.
pub(crate) fn run(
    declarations: &str,
    statements: &str,
    blocks: u32,
    threads: u32,
) -> Result<Vec<u32>, Fault> {
    let program = Program::parse(&program(declarations, statements))?;
    let kernel = program.kernel("test").expect("it is declared");
    let mut memory = program.memory();
    let out = memory.add_variable(&[0; 256]);
    let grid = Grid {
        blocks,
        some: 0..blocks,
        threads,
        shared_bytes: 512,
    };
    let number = 0x1234_5678_u32.to_le_bytes();
    let pair = 0x0807_0605_0403_0201_u64.to_le_bytes();
    let parameters: [&[u8]; 3] = [&number, &pair, &out.to_le_bytes()];
    program.run(kernel, &mut memory, &parameters, &grid)?;
    let bytes = memory.bytes_at(out);
    let words = bytes.as_chunks().0.iter();
    Ok(words.map(|word| u32::from_le_bytes(*word)).collect())
}
