/**
 * The kinds of operations that are neither chat, reply, call of a chat model nor tool call (`SpanKind` in Rust).
 * `build.rs` generates the Rust constants from this list.
 */

export const chats = 0;
export const speakerSelection = 1;
export const humanInput = 2;
export const codeExecution = 3;
export const embedding = 4;
