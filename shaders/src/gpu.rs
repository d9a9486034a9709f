//! A wgpu device with the compiled kernel and the buffers of the dispatches in flight.

use btpow_core::Micros;

use crate::{
    Tuning,
    plan::UNIFORM_BYTES,
    shader::CAPACITY,
    trouble::{Health, Trouble},
};

/// Dispatches in flight: while the host reads the results of one, the card has two more to do.
pub(crate) const DEPTH: usize = 3;

/// The count of the hits and their offsets.
pub(crate) const HITS_BYTES: u64 = 4 * (1 + CAPACITY as u64);

/// What dispatching needs.
#[derive(Debug)]
pub(crate) struct Gpu {
    pub(crate) device: wgpu::Device,
    pub(crate) queue: wgpu::Queue,
    pub(crate) pipeline: wgpu::ComputePipeline,
    pub(crate) health: Health,
    slots: [Slot; DEPTH],
}

/// The buffers of one dispatch.
#[derive(Debug)]
pub(crate) struct Slot {
    pub(crate) uniforms: wgpu::Buffer,
    pub(crate) hits: wgpu::Buffer,
    pub(crate) readable: wgpu::Buffer,
    pub(crate) bindings: wgpu::BindGroup,
}

impl Gpu {
    /// Opens the adapter and compiles the kernel.
    pub(crate) async fn open(adapter: &wgpu::Adapter, tuning: Tuning) -> Result<Self, Trouble> {
        // Every WebGPU device offers the defaults. Do not ask for more, which could help a website to
        // tell people apart.
        let (device, queue) = adapter
            .request_device(&wgpu::DeviceDescriptor {
                label: Some("btpow"),
                required_limits: limits(),
                ..wgpu::DeviceDescriptor::default()
            })
            .await
            .map_err(|error| Trouble::Refused(error.to_string()))?;
        let health = Health::default();
        health.watch(&device);

        let memory = device.push_error_scope(wgpu::ErrorFilter::OutOfMemory);
        let internal = device.push_error_scope(wgpu::ErrorFilter::Internal);
        let validation = device.push_error_scope(wgpu::ErrorFilter::Validation);
        let pipeline = pipeline(&device, tuning);
        let layout = pipeline.get_bind_group_layout(0);
        let slots = core::array::from_fn(|_| Slot::new(&device, &layout));
        // Scopes belong to this thread and end here; only their answers are awaited.
        let (validation, internal, memory) = (validation.pop(), internal.pop(), memory.pop());
        let errors = [validation.await, internal.await, memory.await];
        if let Some(error) = errors.into_iter().flatten().next() {
            return Err(error.into());
        }
        if let Some(trouble) = health.trouble() {
            return Err(trouble.clone());
        }
        Ok(Self {
            device,
            queue,
            pipeline,
            health,
            slots,
        })
    }

    /// The buffers of a slot.
    pub(crate) const fn slot(&self, slot: usize) -> &Slot {
        &self.slots[slot]
    }

    /// Blocks until the submission is done and its callbacks have run, or until `limit` has passed.
    #[cfg(not(target_arch = "wasm32"))]
    pub(crate) fn wait(&self, submission: &wgpu::SubmissionIndex, limit: Micros) {
        use core::{panic::AssertUnwindSafe, time::Duration};
        use std::panic::catch_unwind;

        let wait = wgpu::PollType::Wait {
            submission_index: Some(submission.clone()),
            timeout: Some(Duration::from_micros(limit)),
        };
        // wgpu 30 panics here when the driver has lost the device; it leaves nothing of ours half-done.
        let polled = catch_unwind(AssertUnwindSafe(|| self.device.poll(wait)));
        match polled {
            Ok(Ok(_) | Err(wgpu::PollError::Timeout)) => {}
            Ok(Err(error)) => self.health.note(Trouble::Lost(error.to_string())),
            Err(_) => self
                .health
                .note(Trouble::Lost("wgpu panicked while it waited".to_owned())),
        }
    }

    /// In a browser callbacks come between the page's own calls, and nothing may block.
    #[cfg(target_arch = "wasm32")]
    pub(crate) fn wait(&self, _: &wgpu::SubmissionIndex, _: Micros) {}
}

impl Drop for Gpu {
    fn drop(&mut self) {
        // A device that was given up must not continue its work.
        self.device.destroy();
    }
}

impl Slot {
    fn new(device: &wgpu::Device, layout: &wgpu::BindGroupLayout) -> Self {
        use wgpu::BufferUsages as Usage;

        let buffer = |label, size, usage| {
            device.create_buffer(&wgpu::BufferDescriptor {
                label: Some(label),
                size,
                usage,
                mapped_at_creation: false,
            })
        };
        let uniforms = buffer("search", UNIFORM_BYTES, Usage::UNIFORM | Usage::COPY_DST);
        let hits = buffer(
            "hits",
            HITS_BYTES,
            Usage::STORAGE | Usage::COPY_SRC | Usage::COPY_DST,
        );
        let readable = buffer("readable", HITS_BYTES, Usage::MAP_READ | Usage::COPY_DST);
        let bindings = device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("seal"),
            layout,
            entries: &[(0, &uniforms), (1, &hits)].map(|(binding, buffer)| wgpu::BindGroupEntry {
                binding,
                resource: buffer.as_entire_binding(),
            }),
        });
        Self {
            uniforms,
            hits,
            readable,
            bindings,
        }
    }
}

/// The smallest limits that suffice, which older cards and WebGPU's compatibility mode have too.
fn limits() -> wgpu::Limits {
    wgpu::Limits::downlevel_defaults()
}

fn pipeline(device: &wgpu::Device, tuning: Tuning) -> wgpu::ComputePipeline {
    let source = tuning.variant().source(tuning.workgroup());
    let description = wgpu::ShaderModuleDescriptor {
        label: Some("seal"),
        source: wgpu::ShaderSource::Wgsl(source.into()),
    };
    #[expect(unsafe_code, reason = "checks of what is proven here would cost speed")]
    // SAFETY: The kernel is `shader/seal.wgsl`. Its indices are within bounds: rows by the grid,
    // which `Plan` makes as deep as it has rows, hits by the comparison with the capacity. Its only
    // loop counts to 23. In a browser this is the checked function.
    let module = unsafe {
        device.create_shader_module_trusted(description, wgpu::ShaderRuntimeChecks::unchecked())
    };
    device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
        label: Some("seal"),
        layout: None,
        module: &module,
        entry_point: Some("scan"),
        compilation_options: wgpu::PipelineCompilationOptions::default(),
        cache: None,
    })
}
