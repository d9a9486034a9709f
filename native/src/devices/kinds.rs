//! The list of all kinds of devices.

use super::{
    backend::{Backend, Options},
    cpu::Cpu,
    cuda::Cuda,
    wgpu::Wgpu,
};

/// Every kind of devices, in the order of the list.
pub fn all(options: Options) -> Vec<Box<dyn Backend>> {
    // The order matters: a card goes to the first kind that drives it, so to CUDA before wgpu.
    vec![
        Box::new(Cpu::new(options)),
        Box::new(Cuda::new(options)),
        Box::new(Wgpu::default()),
    ]
}
