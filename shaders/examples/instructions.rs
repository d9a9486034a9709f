//! What a Vulkan driver's compiler makes of each variant of each kernel: `instructions NAME`, for the card whose name
//! contains NAME. It runs nothing, so Mesa's compiler can do it for absent cards too:
//! `RADV_FORCE_FAMILY=NAVI21 cargo run -p btpow-wgpu --example instructions NAVI21`.

use core::{error::Error, ffi::CStr};

use ash::{khr::pipeline_executable_properties as properties, vk};
use btpow_wgpu::{Kernel, Variant};
use naga::{
    back::spv,
    valid::{Capabilities, ValidationFlags, Validator},
};

/// A driver's device, which makes pipelines.
struct Compiler {
    device: ash::Device,
    statistics: properties::Device,
    layout: vk::PipelineLayout,
}

fn main() -> Result<(), Box<dyn Error>> {
    let wanted = std::env::args().nth(1).unwrap_or_default();
    let compiler = Compiler::open(&wanted)?;
    for variant in Variant::ALL {
        for kernel in Kernel::ALL {
            let code = spirv(&variant.source(kernel, 64))?;
            let entries: &[_] = match kernel {
                Kernel::Spans => &[c"scan", c"expand"],
                Kernel::Indices => &[c"scan"],
            };
            for entry in entries {
                println!("{variant} {} {}", kernel.name(), entry.to_string_lossy());
                for (name, value) in compiler.statistics(&code, entry)? {
                    println!("  {name}: {value}");
                }
            }
        }
    }
    // The driver's memory goes with the process.
    Ok(())
}

/// The kernel as wgpu compiles it natively: without checks.
fn spirv(source: &str) -> Result<Vec<u32>, Box<dyn Error>> {
    let module = naga::front::wgsl::parse_str(source)?;
    let info = Validator::new(ValidationFlags::all(), Capabilities::empty()).validate(&module)?;
    let options = spv::Options {
        force_loop_bounding: false,
        flags: spv::WriterFlags::empty(),
        zero_initialize_workgroup_memory: spv::ZeroInitializeWorkgroupMemoryMode::None,
        ..spv::Options::default()
    };
    Ok(spv::write_vec(&module, &info, &options, None)?)
}

impl Compiler {
    fn open(wanted: &str) -> Result<Self, Box<dyn Error>> {
        // SAFETY: the library is Vulkan's loader.
        let entry = unsafe { ash::Entry::load() }?;
        let application = vk::ApplicationInfo::default().api_version(vk::API_VERSION_1_1);
        let create = vk::InstanceCreateInfo::default().application_info(&application);
        // SAFETY: what the structure points to lives, here as in the calls below.
        let instance = unsafe { entry.create_instance(&create, None) }?;
        // SAFETY: the instance lives.
        let cards = unsafe { instance.enumerate_physical_devices() }?;
        let mut names = Vec::new();
        for card in cards {
            // SAFETY: the instance itself has named the card.
            let about = unsafe { instance.get_physical_device_properties(card) };
            let name = about.device_name_as_c_str()?.to_string_lossy().into_owned();
            if !name.contains(wanted) {
                names.push(name);
                continue;
            }
            println!("{name}");
            let queues = [vk::DeviceQueueCreateInfo::default().queue_priorities(&[1.0])];
            let extensions = [properties::NAME.as_ptr()];
            let mut features = vk::PhysicalDevicePipelineExecutablePropertiesFeaturesKHR::default()
                .pipeline_executable_info(true);
            let create = vk::DeviceCreateInfo::default()
                .queue_create_infos(&queues)
                .enabled_extension_names(&extensions)
                .push_next(&mut features);
            // SAFETY: as above.
            let device = unsafe { instance.create_device(card, &create, None) }?;
            let statistics = properties::Device::new(&instance, &device);
            let layout = layout(&device)?;
            return Ok(Self {
                device,
                statistics,
                layout,
            });
        }
        Err(format!("no card is called {wanted:?}; there are {names:?}").into())
    }

    /// What the driver says about the kernel: its own names and numbers.
    fn statistics(&self, code: &[u32], entry: &CStr) -> Result<Vec<(String, u64)>, Box<dyn Error>> {
        let create = vk::ShaderModuleCreateInfo::default().code(code);
        // SAFETY: the code is naga's, of a module that it has validated.
        let module = unsafe { self.device.create_shader_module(&create, None) }?;
        let stage = vk::PipelineShaderStageCreateInfo::default()
            .stage(vk::ShaderStageFlags::COMPUTE)
            .module(module)
            .name(entry);
        let create = vk::ComputePipelineCreateInfo::default()
            .flags(vk::PipelineCreateFlags::CAPTURE_STATISTICS_KHR)
            .stage(stage)
            .layout(self.layout);
        let cache = vk::PipelineCache::null();
        // SAFETY: the layout is that of the kernel's bindings.
        let made = unsafe { self.device.create_compute_pipelines(cache, &[create], None) };
        let pipelines = made.map_err(|(_, error)| error)?;
        let executable = vk::PipelineExecutableInfoKHR::default().pipeline(pipelines[0]);
        // SAFETY: the pipeline was made with its statistics, and has one executable.
        let all = unsafe {
            self.statistics
                .get_pipeline_executable_statistics(&executable)
        }?;
        let read = |statistic: &vk::PipelineExecutableStatisticKHR<'_>| {
            // SAFETY: the driver ends names with a zero byte; the format says which number the union
            // holds, and the code reads only that one.
            let (name, value) = unsafe {
                let name = CStr::from_ptr(statistic.name.as_ptr());
                (name.to_string_lossy().into_owned(), statistic.value.u64)
            };
            let whole = statistic.format == vk::PipelineExecutableStatisticFormatKHR::UINT64;
            whole.then_some((name, value))
        };
        Ok(all.iter().filter_map(read).collect())
    }
}

/// The layout of the bindings, as `search.wgsl` and `spans.wgsl` number them.
fn layout(device: &ash::Device) -> Result<vk::PipelineLayout, vk::Result> {
    let kinds = [
        vk::DescriptorType::UNIFORM_BUFFER,
        vk::DescriptorType::STORAGE_BUFFER,
        vk::DescriptorType::STORAGE_BUFFER,
        vk::DescriptorType::STORAGE_BUFFER,
    ];
    let bindings = [0, 1, 2, 3].map(|binding: u32| {
        vk::DescriptorSetLayoutBinding::default()
            .binding(binding)
            .descriptor_type(kinds[binding as usize])
            .descriptor_count(1)
            .stage_flags(vk::ShaderStageFlags::COMPUTE)
    });
    let create = vk::DescriptorSetLayoutCreateInfo::default().bindings(&bindings);
    // SAFETY: what the structure points to lives.
    let sets = [unsafe { device.create_descriptor_set_layout(&create, None) }?];
    let create = vk::PipelineLayoutCreateInfo::default().set_layouts(&sets);
    // SAFETY: as above.
    unsafe { device.create_pipeline_layout(&create, None) }
}
