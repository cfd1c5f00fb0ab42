/** The fields of a trace that `updateCurrentTrace` sets. `build.rs` generates the Rust constants from this list. */

export const clientRequestId = 0;
export const requestPreview = 1;
export const responsePreview = 2;
export const sessionId = 3;
export const userId = 4;
export const state = 5;
