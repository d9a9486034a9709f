//! Which cards there are, and how to open one.

use core::{fmt, time::Duration};

use wgpu::{Backends, DeviceType, PowerPreference};

use crate::{
    Options, Tuning, WgpuDevice,
    gpu::Gpu,
    shader::Kernel,
    trial::{self, Trial},
    trouble::Trouble,
};

/// A card, or software that emulates one, through one of the system's programming interfaces.
#[derive(Clone, Debug)]
pub struct Adapter {
    instance: wgpu::Instance,
    origin: Origin,
    info: wgpu::AdapterInfo,
}

/// How to find an adapter again after its loss.
#[derive(Clone, Debug)]
enum Origin {
    /// The one that the system prefers.
    Preference(PowerPreference),
    /// The one after this many adapters of equal description.
    #[cfg(not(target_arch = "wasm32"))]
    Listed(usize),
}

/// Which of several cards to use.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Preference {
    /// The one that the system thinks best.
    #[default]
    None,
    /// The fastest one.
    HighPerformance,
    /// The one that saves power.
    LowPower,
}

impl Adapter {
    /// All adapters, real cards first, each card once: through Vulkan or Metal rather than through
    /// DirectX, whose compiler takes long for this kernel.
    #[cfg(not(target_arch = "wasm32"))]
    pub async fn all() -> Vec<Self> {
        let instance = instance();
        let found = instance.enumerate_adapters(backends()).await;
        let infos: Vec<_> = found.iter().map(wgpu::Adapter::get_info).collect();
        let mut all: Vec<Self> = Vec::new();
        for (i, info) in infos.iter().enumerate() {
            let double = info.backend == wgpu::Backend::Dx12
                && infos.iter().any(|other| {
                    other.backend == wgpu::Backend::Vulkan
                        && (other.vendor, other.device) == (info.vendor, info.device)
                });
            if double {
                continue;
            }
            let before = infos[..i].iter().filter(|other| *other == info).count();
            all.push(Self {
                instance: instance.clone(),
                origin: Origin::Listed(before),
                info: info.clone(),
            });
        }
        all.sort_by_key(|adapter| match adapter.info.device_type {
            DeviceType::DiscreteGpu => 0,
            DeviceType::IntegratedGpu | DeviceType::VirtualGpu | DeviceType::Other => 1,
            DeviceType::Cpu => 2,
        });
        all
    }

    /// The adapter that the system, or the browser, chooses.
    ///
    /// # Errors
    ///
    /// [`Trouble::NoAdapter`].
    pub async fn request(preference: Preference) -> Result<Self, Trouble> {
        let instance = instance();
        let preference = match preference {
            Preference::None => PowerPreference::None,
            Preference::HighPerformance => PowerPreference::HighPerformance,
            Preference::LowPower => PowerPreference::LowPower,
        };
        let adapter = request(&instance, preference).await?;
        Ok(Self {
            info: adapter.get_info(),
            origin: Origin::Preference(preference),
            instance,
        })
    }

    /// The maker's name; a browser may not give one.
    pub fn name(&self) -> &str {
        &self.info.name
    }

    /// The interface: `vulkan`, `metal`, `dx12` or `webgpu`.
    pub const fn backend(&self) -> &'static str {
        self.info.backend.to_str()
    }

    /// The driver and its version, as far as they are known.
    pub fn driver(&self) -> String {
        let Self { info, .. } = self;
        format!("{} {}", info.driver, info.driver_info)
            .trim()
            .to_owned()
    }

    /// Whether it is software on the CPU: slower than the CPU device, and only for tests.
    pub fn is_software(&self) -> bool {
        self.info.device_type == DeviceType::Cpu
    }

    /// The PCI vendor, such as 0x10de for NVIDIA; 0 if unknown.
    pub const fn vendor(&self) -> u32 {
        self.info.vendor
    }

    /// The PCI device; 0 if unknown.
    pub const fn device(&self) -> u32 {
        self.info.device
    }

    /// Its place, as in `0000:01:00.0`, by which other drivers know it too; empty if unknown.
    pub fn pci(&self) -> &str {
        &self.info.device_pci_bus_id
    }

    /// Everything that a trial's result depends on, as one line: the card, its driver and the
    /// version of this crate.
    pub fn fingerprint(&self) -> String {
        format!(
            "{} / {} / {} / btpow-wgpu {}",
            self.name(),
            self.backend(),
            self.driver(),
            env!("CARGO_PKG_VERSION")
        )
    }

    /// Opens it for hashing.
    ///
    /// # Errors
    ///
    /// [`Trouble`] when it is gone, refuses, or cannot compile the kernel.
    pub async fn open(&self, options: Options) -> Result<WgpuDevice, Trouble> {
        let gpu = self.gpu(options.tuning, &Kernel::ALL).await?;
        Ok(WgpuDevice::new(self.clone(), gpu, options))
    }

    /// Tries the known tuning first, then variants and workgroup sizes within `limit`, and returns the fastest. Calls
    /// `tell` for each. One is tried even if it takes longer.
    ///
    /// # Errors
    ///
    /// [`Trouble`] when none of them runs.
    pub async fn tune(
        &self,
        known: Option<Tuning>,
        limit: Duration,
        tell: impl FnMut(&Trial),
    ) -> Result<Tuning, Trouble> {
        trial::run(self, known, limit, tell).await
    }

    /// A new device with the kernels.
    pub(crate) async fn gpu(&self, tuning: Tuning, kernels: &[Kernel]) -> Result<Gpu, Trouble> {
        let adapter = self.find().await?;
        Gpu::open(&adapter, tuning, kernels).await
    }

    /// The adapter itself, found again: one that has lost its device may offer no other.
    async fn find(&self) -> Result<wgpu::Adapter, Trouble> {
        match self.origin {
            Origin::Preference(preference) => request(&self.instance, preference).await,
            #[cfg(not(target_arch = "wasm32"))]
            Origin::Listed(before) => {
                let all = self.instance.enumerate_adapters(backends()).await;
                let mut same = all.into_iter().filter(|it| it.get_info() == self.info);
                let gone = || Trouble::NoAdapter(format!("{} is gone", self.info.name));
                same.nth(before).ok_or_else(gone)
            }
        }
    }
}

impl fmt::Display for Adapter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = if self.name().is_empty() {
            "an unnamed adapter"
        } else {
            self.name()
        };
        write!(f, "{name}, {}", self.backend())?;
        match self.driver() {
            driver if driver.is_empty() => Ok(()),
            driver => write!(f, ", {driver}"),
        }
    }
}

async fn request(
    instance: &wgpu::Instance,
    power_preference: PowerPreference,
) -> Result<wgpu::Adapter, Trouble> {
    let options = wgpu::RequestAdapterOptions {
        power_preference,
        ..wgpu::RequestAdapterOptions::default()
    };
    let adapter = instance.request_adapter(&options).await;
    adapter.map_err(|error| Trouble::NoAdapter(error.to_string()))
}

/// No window, no debug layers, and on Windows, if available, the compiler that can handle long
/// kernels.
fn instance() -> wgpu::Instance {
    wgpu::Instance::new(wgpu::InstanceDescriptor {
        backends: backends(),
        flags: wgpu::InstanceFlags::empty(),
        ..wgpu::InstanceDescriptor::new_without_display_handle()
    })
}

const fn backends() -> Backends {
    Backends::PRIMARY
}
