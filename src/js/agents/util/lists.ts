/** Functions for lists: duplicates, and their text in errors. */

/** The items that are in `list` more than once. */
export function duplicates<Item>(list: readonly Item[]): Item[] {
  return [...new Set(list.filter((item, index) => list.indexOf(item) !== index))];
}

/** The names, in backticks. */
export function quoted(names: readonly unknown[]): string {
  return names.map((name) => `\`${String(name)}\``).join(", ");
}

/** The names of agents, in backticks. */
export function quotedNames(agents: readonly { readonly name: string }[]): string {
  return quoted(agents.map(({ name }) => name));
}
