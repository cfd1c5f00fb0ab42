/** The fields of a whole trace that `updateCurrentTrace` sets. `build.rs` makes the Rust constants of this list. */

export const clientRequestId = 0;
export const requestPreview = 1;
export const responsePreview = 2;
export const sessionId = 3;
export const userId = 4;
export const state = 5;
