//! A wgpu device with the compiled kernels and the buffers of the dispatches in flight.

use std::sync::OnceLock;

use btpow_core::{Group, Jobs, Micros, Position};

use crate::{
    Tuning,
    plan::{UNIFORM_BYTES, Work},
    shader::{CAPACITY, INDICES, Kernel},
    stage::{self, Stage},
    table::{TABLE_BYTES, table},
    trouble::{Health, Trouble},
};

/// Dispatches in flight: while the host reads the results of one, the card has two more to do.
pub(crate) const DEPTH: usize = 3;

/// The count of the hits and their offsets.
pub(crate) const HITS_BYTES: u64 = 4 * (1 + CAPACITY as u64);

/// The schedules of a v1 dispatch: 48 words for each index.
const SCHEDULES_BYTES: u64 = 4 * 48 * INDICES as u64;

/// What dispatching needs.
#[derive(Debug)]
pub(crate) struct Gpu {
    pub(crate) device: wgpu::Device,
    pub(crate) queue: wgpu::Queue,
    pub(crate) health: Health,
    tuning: Tuning,
    slots: [Slot; DEPTH],
    /// The kernel of v1: expanding schedules, hashing.
    expand: Stage,
    spans: Stage,
    /// The kernel of legacy. A trial does without.
    indices: OnceLock<Stage>,
    table: wgpu::Buffer,
    /// The v1 group that the table is of.
    group: Option<Group>,
}

/// The buffers of one dispatch.
#[derive(Debug)]
pub(crate) struct Slot {
    pub(crate) uniforms: wgpu::Buffer,
    pub(crate) hits: wgpu::Buffer,
    pub(crate) readable: wgpu::Buffer,
}

impl Gpu {
    /// Opens the adapter and compiles the kernel of v1, and what else is in `kernels`.
    pub(crate) async fn open(
        adapter: &wgpu::Adapter,
        tuning: Tuning,
        kernels: &[Kernel],
    ) -> Result<Self, Trouble> {
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
        let gpu = Self::compile(device, queue, health, tuning);
        if kernels.contains(&Kernel::Indices) {
            gpu.indices();
        }
        // Scopes belong to this thread and end here; only their answers are awaited.
        let (validation, internal, memory) = (validation.pop(), internal.pop(), memory.pop());
        let errors = [validation.await, internal.await, memory.await];
        if let Some(error) = errors.into_iter().flatten().next() {
            return Err(error.into());
        }
        if let Some(trouble) = gpu.health.trouble() {
            return Err(trouble.clone());
        }
        Ok(gpu)
    }

    fn compile(device: wgpu::Device, queue: wgpu::Queue, health: Health, tuning: Tuning) -> Self {
        use wgpu::BufferUsages as Usage;

        let slots = core::array::from_fn(|_| Slot::new(&device));
        let usage = Usage::STORAGE | Usage::COPY_DST;
        let table = buffer(&device, "spans", TABLE_BYTES, usage);
        // One for all dispatches in flight, since the queue does them one after the other.
        let schedules = buffer(&device, "schedules", SCHEDULES_BYTES, Usage::STORAGE);
        let module = stage::compile(&device, tuning, Kernel::Spans);
        let expand = Stage::new(&device, &module, "expand", &slots, |slot| {
            [(0, &slot.uniforms), (3, &schedules)]
        });
        let spans = Stage::new(&device, &module, "scan", &slots, |slot| {
            let Slot { uniforms, hits, .. } = slot;
            [(0, uniforms), (1, hits), (2, &table), (3, &schedules)]
        });
        Self {
            device,
            queue,
            health,
            tuning,
            slots,
            expand,
            spans,
            indices: OnceLock::new(),
            table,
            group: None,
        }
    }

    fn indices(&self) -> &Stage {
        self.indices.get_or_init(|| {
            let module = stage::compile(&self.device, self.tuning, Kernel::Indices);
            Stage::new(&self.device, &module, "scan", &self.slots, |slot| {
                [(0, &slot.uniforms), (1, &slot.hits)]
            })
        })
    }

    /// Prepares for dispatches of these jobs in the group of `start`. Those in flight are not disturbed:
    /// the queue writes between them and the next.
    pub(crate) fn enter(&mut self, jobs: &Jobs, start: Position) {
        let group = start.group();
        if Kernel::of(jobs.protocol()) == Kernel::Spans && self.group != Some(group) {
            self.queue.write_buffer(&self.table, 0, &table(jobs, group));
            self.group = Some(group);
        }
    }

    /// Forgets the group: the jobs are others.
    pub(crate) const fn leave(&mut self) {
        self.group = None;
    }

    /// Adds the work of a dispatch to the commands.
    pub(crate) fn encode(&self, encoder: &mut wgpu::CommandEncoder, slot: usize, work: Work) {
        match work {
            Work::Spans { expand, scan } => {
                self.expand.run(encoder, slot, [expand, 1, 1]);
                self.spans.run(encoder, slot, scan);
            }
            Work::Indices { scan } => self.indices().run(encoder, slot, scan),
        }
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
    fn new(device: &wgpu::Device) -> Self {
        use wgpu::BufferUsages as Usage;

        let written = Usage::STORAGE | Usage::COPY_SRC | Usage::COPY_DST;
        let read = Usage::MAP_READ | Usage::COPY_DST;
        let uniform = Usage::UNIFORM | Usage::COPY_DST;
        Self {
            uniforms: buffer(device, "search", UNIFORM_BYTES, uniform),
            hits: buffer(device, "hits", HITS_BYTES, written),
            readable: buffer(device, "readable", HITS_BYTES, read),
        }
    }
}

fn buffer(
    device: &wgpu::Device,
    label: &str,
    size: u64,
    usage: wgpu::BufferUsages,
) -> wgpu::Buffer {
    device.create_buffer(&wgpu::BufferDescriptor {
        label: Some(label),
        size,
        usage,
        mapped_at_creation: false,
    })
}

/// The smallest limits that suffice, which older cards and WebGPU's compatibility mode have too.
fn limits() -> wgpu::Limits {
    wgpu::Limits::downlevel_defaults()
}
