//! Plain JavaScript objects.

use js_sys::{Object, Reflect};
use wasm_bindgen::JsValue;

/// Sets a field of a new object.
///
/// # Panics
///
/// When the object refuses it, like a frozen one.
pub fn set(object: &Object, name: &str, value: &JsValue) {
    // `expect` would format whatever JavaScript threw, with more code than all the rest.
    if Reflect::set(object, &name.into(), value).is_err() {
        unreachable!("a new object takes every field");
    }
}
