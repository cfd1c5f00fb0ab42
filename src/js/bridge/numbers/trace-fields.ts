/** The fields of a trace that are set while it is in progress. `build.rs` makes the Rust constants of this list. */

export const clientRequestId = 0;
export const requestPreview = 1;
export const responsePreview = 2;
export const sessionId = 3;
export const userId = 4;
export const state = 5;
export const isPropagated = 6;
