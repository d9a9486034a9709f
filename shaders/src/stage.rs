//! The compiled entry points of the kernels, bound to the buffers of each slot.

use crate::{
    Tuning,
    gpu::{DEPTH, Slot},
    shader::Kernel,
};

/// An entry point with its bindings.
#[derive(Debug)]
pub(crate) struct Stage {
    pipeline: wgpu::ComputePipeline,
    bindings: [wgpu::BindGroup; DEPTH],
}

/// The module of a kernel.
pub(crate) fn compile(device: &wgpu::Device, tuning: Tuning, kernel: Kernel) -> wgpu::ShaderModule {
    let source = tuning.variant().source(kernel, tuning.workgroup());
    let description = wgpu::ShaderModuleDescriptor {
        label: Some(kernel.name()),
        source: wgpu::ShaderSource::Wgsl(source.into()),
    };
    #[expect(unsafe_code, reason = "checks of what is proven here would cost speed")]
    // SAFETY: The kernels are those of `shader`. Their indices are within bounds: spans by the size of
    // the workgroups, schedules by the grid, which `Plan` keeps within their buffer, hits by the
    // comparison with the capacity. The only loop counts to 23. In a browser this is the checked
    // function.
    unsafe {
        device.create_shader_module_trusted(description, wgpu::ShaderRuntimeChecks::unchecked())
    }
}

impl Stage {
    /// Compiles an entry point; `buffers` gives each slot's with their numbers.
    pub(crate) fn new<'a, const N: usize>(
        device: &wgpu::Device,
        module: &wgpu::ShaderModule,
        entry: &str,
        slots: &'a [Slot; DEPTH],
        buffers: impl Fn(&'a Slot) -> [(u32, &'a wgpu::Buffer); N],
    ) -> Self {
        let pipeline = device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: Some(entry),
            layout: None,
            module,
            entry_point: Some(entry),
            compilation_options: wgpu::PipelineCompilationOptions {
                // All of it is written before it is read.
                zero_initialize_workgroup_memory: false,
                ..wgpu::PipelineCompilationOptions::default()
            },
            cache: None,
        });
        let layout = pipeline.get_bind_group_layout(0);
        let bindings = slots.each_ref().map(|slot| {
            let entries = buffers(slot).map(|(binding, buffer)| wgpu::BindGroupEntry {
                binding,
                resource: buffer.as_entire_binding(),
            });
            device.create_bind_group(&wgpu::BindGroupDescriptor {
                label: Some(entry),
                layout: &layout,
                entries: &entries,
            })
        });
        Self { pipeline, bindings }
    }

    /// Runs it with the buffers of a slot.
    pub(crate) fn run(&self, encoder: &mut wgpu::CommandEncoder, slot: usize, [x, y, z]: [u32; 3]) {
        let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
        pass.set_pipeline(&self.pipeline);
        pass.set_bind_group(0, &self.bindings[slot], &[]);
        pass.dispatch_workgroups(x, y, z);
    }
}
