//! What a panic comes to.

use alloc::string::ToString as _;
use core::panic::PanicInfo;

use js_sys::WebAssembly::RuntimeError;

/// Ends the call with the error of a trap, which a panic is where nobody handles it, and gives it the message and its place.
///
/// So there is no hook that somebody might forget to install, and whoever hears of the failure reads the reason: in the
/// page and from a worker alike.
#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    wasm_bindgen::throw_val(RuntimeError::new(&info.to_string()).into())
}
