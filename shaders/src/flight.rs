//! One dispatch in flight: submitted, run, copied to where the host can read it, mapped.

use core::{
    future::poll_fn,
    task::{Poll, Waker},
};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use btpow_core::Micros;
use web_time::Instant;

use crate::{
    gpu::{Gpu, HITS_BYTES},
    plan::Plan,
    shader::CAPACITY,
    trouble::Trouble,
};

/// A submitted dispatch.
#[derive(Debug)]
pub(crate) struct Flight {
    slot: usize,
    submission: wgpu::SubmissionIndex,
    submitted: Instant,
    landing: Arc<Landing>,
}

/// Where the mapping's callback leaves its answer, whatever thread it runs in.
#[derive(Debug, Default)]
struct Landing(Mutex<Landed>);

#[derive(Debug, Default)]
struct Landed {
    /// Whether the host can read the hits, and since when.
    answer: Option<(bool, Instant)>,
    waker: Option<Waker>,
}

/// The result of a dispatch.
#[derive(Debug)]
pub(crate) struct Hits {
    /// How many there were.
    pub(crate) count: u32,
    /// Offsets of those that fitted.
    pub(crate) offsets: Vec<u32>,
    /// When the host could read them.
    pub(crate) landed: Instant,
}

impl Landing {
    fn lock(&self) -> MutexGuard<'_, Landed> {
        // Nothing in here panics half-way.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Flight {
    /// Submits a dispatch with the buffers of a free slot.
    pub(crate) fn launch(gpu: &Gpu, slot: usize, plan: &Plan) -> Self {
        let buffers = gpu.slot(slot);
        gpu.queue.write_buffer(&buffers.uniforms, 0, &plan.uniforms);
        let mut encoder = gpu
            .device
            .create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        encoder.clear_buffer(&buffers.hits, 0, Some(4));
        gpu.encode(&mut encoder, slot, plan.work);
        encoder.copy_buffer_to_buffer(&buffers.hits, 0, &buffers.readable, 0, HITS_BYTES);
        // Take the time before the submit, in which software may already do some of the work.
        let submitted = Instant::now();
        let submission = gpu.queue.submit([encoder.finish()]);
        let landing = Arc::new(Landing::default());
        let answer = Arc::clone(&landing);
        buffers
            .readable
            .map_async(wgpu::MapMode::Read, .., move |mapped| {
                let mut landed = answer.lock();
                landed.answer = Some((mapped.is_ok(), Instant::now()));
                if let Some(waker) = landed.waker.take() {
                    waker.wake();
                }
            });
        Self {
            slot,
            submission,
            submitted,
            landing,
        }
    }

    /// The slot whose buffers it holds.
    pub(crate) const fn slot(&self) -> usize {
        self.slot
    }

    /// When it was submitted.
    pub(crate) const fn submitted(&self) -> Instant {
        self.submitted
    }

    /// Lets the driver make progress for at most `limit`. In a browser it does so by itself, and this
    /// returns at once.
    pub(crate) fn wait(&self, gpu: &Gpu, limit: Micros) {
        gpu.wait(&self.submission, limit);
    }

    /// The hits; `None` while the dispatch is in flight. Frees the buffers of the slot.
    pub(crate) fn collect(&self, gpu: &Gpu) -> Option<Result<Hits, Trouble>> {
        let (mapped, landed) = self.landing.lock().answer?;
        if !mapped {
            return Some(Err(Trouble::Lost("its memory cannot be read".to_owned())));
        }
        let readable = &gpu.slot(self.slot).readable;
        let hits = match readable.get_mapped_range(..) {
            Ok(bytes) => read(&bytes, landed),
            Err(error) => return Some(Err(Trouble::Lost(error.to_string()))),
        };
        readable.unmap();
        Some(Ok(hits))
    }

    /// Waits until [`collect`](Self::collect) has an answer.
    pub(crate) async fn land(&self, gpu: &Gpu) {
        poll_fn(|context| {
            self.wait(gpu, 1_000);
            let mut landed = self.landing.lock();
            if landed.answer.is_some() || gpu.health.trouble().is_some() {
                return Poll::Ready(());
            }
            landed.waker = Some(context.waker().clone());
            // Natively only the caller who polls the device gets here.
            #[cfg(not(target_arch = "wasm32"))]
            context.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
    }
}

/// The count and the offsets.
fn read(bytes: &[u8], landed: Instant) -> Hits {
    let (words, _) = bytes.as_chunks();
    let mut words = words.iter().map(|&word| u32::from_le_bytes(word));
    let count = words.next().unwrap_or(0);
    let kept = usize::try_from(count).map_or(CAPACITY, |count| count.min(CAPACITY));
    Hits {
        count,
        offsets: words.take(kept).collect(),
        landed,
    }
}
