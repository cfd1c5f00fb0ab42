//! Messages and histories: each message crosses once and is a number from then on.

use wasm_bindgen::prelude::*;

use super::instance::lock;

/// Takes the JSON text of a message in the scratch area and returns the number that stands for it.
#[wasm_bindgen]
pub fn message(length: usize) -> u32 {
    lock().scratch.message(length)
}

/// Goes on with a conversation (0: begins one) and returns the number that stands for the longer one.
#[wasm_bindgen(js_name = appendMessage)]
pub fn append_message(before: u32, message: u32) -> u32 {
    lock().scratch.append_message(before, message)
}

/// The value of the next call is JSON text that lacks, at byte `at`, the array of the messages of that conversation.
#[wasm_bindgen(js_name = insertHistory)]
pub fn insert_history(history: u32, at: usize) {
    lock().scratch.insert_history(history, at);
}

/// Forgets all messages and conversations. Spans keep those that they refer to.
#[wasm_bindgen(js_name = forgetMessages)]
pub fn forget_messages() {
    lock().scratch.forget_messages();
}
