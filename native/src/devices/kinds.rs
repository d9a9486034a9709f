//! The list of all kinds of devices.

use super::{
    backend::{Backend, Options},
    cpu::Cpu,
    cuda::Cuda,
    wgpu::Wgpu,
};

/// Every kind of devices, in the order in which they are listed.
pub fn all(options: Options) -> Vec<Box<dyn Backend>> {
    // A card that CUDA drives is not driven through wgpu as well: the first in the list has it.
    vec![
        Box::new(Cpu::new(options)),
        Box::new(Cuda::new(options)),
        Box::new(Wgpu::default()),
    ]
}
