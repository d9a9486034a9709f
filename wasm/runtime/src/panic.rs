//! What a panic becomes.

use alloc::string::ToString as _;
use core::panic::PanicInfo;

use js_sys::WebAssembly::RuntimeError;

/// Ends the call with the error of a trap, as an unhandled panic would, and gives it the message and the place.
///
/// So there is no hook that somebody might forget to install, and whoever gets the error reads the reason, in the page
/// and from a worker alike.
#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    wasm_bindgen::throw_val(RuntimeError::new(&info.to_string()).into())
}
