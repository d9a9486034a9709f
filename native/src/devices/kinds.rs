//! The list of all kinds of devices.

use super::{
    backend::{Backend, Options},
    cpu::Cpu,
    look::{Kind, Looked},
};

/// Every kind of devices, in the order of the list; `selectors` are the user's.
pub fn all(options: Options, selectors: &[String]) -> Vec<Box<dyn Backend>> {
    // The order matters: a card goes to the first kind that drives it, so to CUDA before wgpu.
    vec![
        Box::new(Cpu::new(options)),
        Box::new(Looked::new(Kind::Cuda, options, selectors)),
        Box::new(Looked::new(Kind::Wgpu, options, selectors)),
    ]
}
