/**
 * The texts of a span that `redact` may change; the numbers from `firstEvent` on are the names of its events.
 * `build.rs` generates the Rust constants from this list.
 */

export const name = 0;
export const statusDescription = 1;
export const requestPreview = 2;
export const responsePreview = 3;
export const firstEvent = 4;
