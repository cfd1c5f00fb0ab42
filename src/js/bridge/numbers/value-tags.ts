/**
 * The kinds of values passed to the core: a scalar, a text in the scratch area, or the number of a value that
 * the core holds. `build.rs` generates the Rust constants from this list.
 */

export const nothing = 0;
export const bool = 1;
export const int = 2;
export const double = 3;
export const text = 4;
export const jsonText = 5;
/** The number of an interned name (`Bridge.intern`). */
export const name = 6;
/** The id of a message that the core holds. */
export const message = 7;
/** The id of a history, a list of messages that the core holds. */
export const history = 8;
