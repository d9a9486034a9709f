//! Every import and export of the module.

use core::{future::poll_fn, pin::pin, task::Poll as Ready, time::Duration};

use btpow_core::{Candidates, Device, Poll};
use btpow_wgpu::{Adapter, Options, Preference, Tuning, WgpuDevice};
use wasm_bindgen::prelude::*;

use crate::assignment;

/// How long to leave a silent card alone: one that is being reopened, or hangs.
const PATIENCE: i32 = 100;

/// How long to try different ways to compile the kernel, when nobody says which is the best.
const TRIAL: Duration = Duration::from_millis(1_500);

#[wasm_bindgen(inline_js = "export const sleep = (milliseconds) =>
    new Promise((resolve) => setTimeout(resolve, milliseconds));")]
extern "C" {
    async fn sleep(milliseconds: i32);
}

/// A card that is open for hashing.
#[wasm_bindgen]
pub struct Gpu {
    device: WgpuDevice,
    found: Candidates,
}

#[wasm_bindgen]
impl Gpu {
    /// Opens the browser's fastest card. `tuning` says how to compile the kernel, as in `flat3x64`.
    /// Without it, `trial` tries several ways for some seconds; without that too, it takes the way that
    /// works everywhere.
    ///
    /// # Errors
    ///
    /// An `Error` in the driver's own words.
    pub async fn open(tuning: Option<String>, trial: bool) -> Result<Self, JsError> {
        let adapter = Adapter::request(Preference::HighPerformance).await?;
        let tuning = match tuning {
            Some(tuning) => tuning.parse()?,
            None if trial => adapter.tune(None, TRIAL, |_| {}).await?,
            None => Tuning::SAFE,
        };
        let device = adapter.open(Options::new("webgpu:0", tuning)).await?;
        Ok(Self {
            device,
            found: Candidates::new(),
        })
    }

    /// How the kernel was compiled.
    #[wasm_bindgen(getter)]
    pub fn tuning(&self) -> String {
        self.device.tuning().to_string()
    }

    /// Does an assignment, and returns the answer. It does one assignment at a time.
    ///
    /// # Errors
    ///
    /// An `Error` when the card was lost and could not be reopened: it does nothing from then on.
    pub async fn scan(&mut self, assignment: Vec<u32>) -> Result<Vec<u32>, JsError> {
        let (jobs, round) =
            assignment::read(&assignment).ok_or_else(|| JsError::new("not an assignment"))?;
        let Self { device, found } = self;
        found.clear();
        device.load(&jobs)?;
        device.submit(round)?;
        while device.poll(found)? == Poll::Pending {
            let (mut landed, mut patience) = (pin!(device.landed()), pin!(sleep(PATIENCE)));
            poll_fn(|context| {
                let done = landed.as_mut().poll(context).is_ready()
                    || patience.as_mut().poll(context).is_ready();
                if done {
                    Ready::Ready(())
                } else {
                    Ready::Pending
                }
            })
            .await;
        }
        Ok(assignment::answer(&round, found))
    }
}
