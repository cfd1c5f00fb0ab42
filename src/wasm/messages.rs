//! The part of the door for conversations: each message crosses once and is a number from then on.

use wasm_bindgen::prelude::*;

use super::tracer::Tracer;

#[wasm_bindgen]
impl Tracer {
    /// Takes the JSON text of a message in the scratch area and returns the number that stands for it.
    pub fn message(&mut self, length: usize) -> u32 {
        self.scratch.message(length)
    }

    /// Goes on with a conversation (0: begins one) and returns the number that stands for the longer one.
    pub fn follow(&mut self, before: u32, message: u32) -> u32 {
        self.scratch.follow(before, message)
    }

    /// The value of the next call is JSON text that lacks, at byte `at`, the array of the messages of that conversation.
    pub fn hole(&mut self, history: u32, at: usize) {
        self.scratch.hole(history, at);
    }

    /// Forgets all messages and conversations. Spans keep those that they refer to.
    #[wasm_bindgen(js_name = forgetMessages)]
    pub fn forget_messages(&mut self) {
        self.scratch.forget_messages();
    }
}
