//! An interpreter of PTX: of the part that integer kernels use.
//!
//! It is strict where a card is not. What PTX leaves undefined is a [`fault::Fault`] that names the line, and so is an
//! instruction that is not known: a register or a byte that is read before it is written, an access out of bounds or not
//! aligned, a write to what the host keeps constant, two threads that touch a byte with no barrier between them, a
//! barrier that some threads do not reach.
//!
//! - [`lexer`] makes tokens, [`module`] reads a program, and [`body`] a kernel's statements; [`names`] gives each
//!   register and constant a slot, [`decode`] turns a statement into an [`instruction`], and [`reuse`] lets registers share
//!   slots.
//! - [`arithmetic`] has the instructions that only compute, [`memory`] what each [`space`] holds, [`race`] who touched what.
//! - [`thread`] runs until a barrier; [`grid`] runs blocks, and opens barriers.

mod arithmetic;
mod body;
mod decode;
pub(crate) mod fault;
pub(crate) mod grid;
mod instruction;
mod lexer;
mod memory;
pub(crate) mod module;
mod names;
mod race;
mod reuse;
pub(crate) mod space;
mod thread;
mod types;
