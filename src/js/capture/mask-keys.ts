/** The type of the option `maskKeys`. */

/**
 * Which keys hold secrets: additional names and patterns, or a function that replaces the default; `false` for
 * none.
 */
export type MaskKeys = false | readonly (string | RegExp)[] | ((key: string) => boolean);
