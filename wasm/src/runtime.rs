//! What `std` would bring: memory, and the end after a panic.

use core::panic::PanicInfo;

use lol_alloc::{AssumeSingleThreaded, FreeListAllocator};

/// A list of what is free, a tenth of the size of a general allocator: there are some dozens of allocations.
#[global_allocator]
// SAFETY: An instance of the module has one thread and shares its memory with no other.
static MEMORY: AssumeSingleThreaded<FreeListAllocator> =
    unsafe { AssumeSingleThreaded::new(FreeListAllocator::new()) };

/// Traps. The message is left out: its formatting would be a third of the module, and JavaScript
/// names the device and the call that failed.
#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}
