//! Tries every tuning on each card, or on those whose name contains the argument:
//! `cargo run --release -p btpow-wgpu --example trial llvmpipe`.

use core::{error::Error, time::Duration};

use btpow_wgpu::Adapter;
use pollster::block_on;

fn main() -> Result<(), Box<dyn Error>> {
    let wanted = std::env::args().nth(1).unwrap_or_default();
    for adapter in block_on(Adapter::all()) {
        let (vendor, device, place) = (adapter.vendor(), adapter.device(), adapter.pci());
        println!("{adapter}, {vendor:04x}:{device:04x} {place}");
        if adapter.name().contains(&wanted) {
            let limit = Duration::from_secs(60);
            let tuning = block_on(adapter.tune(None, limit, |trial| println!("  {trial}")))?;
            println!("  {tuning} is fastest");
        }
    }
    Ok(())
}
