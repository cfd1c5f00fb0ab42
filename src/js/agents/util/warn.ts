/** Warnings for the programmer. */

const MAX_WARNED = 1000;
const warned = new Set<string>();

/**
 * Warns of a probable mistake, once of the same in a process, as Python does (AG2: `warnings.warn`). Numbers outside of
 * backticks, such as counts, make no other warning of it.
 */
export function warn(text: string): void {
  const cause = text.replace(/`[^`]*`|\d+/g, (part) => (part[0] === "`" ? part : ""));
  if (warned.has(cause)) return;
  // Where there are very many, the oldest may come again.
  if (warned.size >= MAX_WARNED) warned.clear();
  warned.add(cause);
  console.warn(`mlflow-ag2/agents: ${text}`);
}
