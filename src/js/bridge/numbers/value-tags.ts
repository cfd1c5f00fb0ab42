/** Which kind of value crosses into the core: a scalar, a text in the scratch area, or the number of something that crossed before. `build.rs` makes the Rust constants of this list. */

export const nothing = 0;
export const bool = 1;
export const int = 2;
export const double = 3;
export const text = 4;
export const jsonText = 5;
/** A text that has a number by now (`Bridge.name`). */
export const name = 6;
/** A message that has a number by now. */
export const message = 7;
/** The messages of a conversation that has a number by now. */
export const history = 8;
