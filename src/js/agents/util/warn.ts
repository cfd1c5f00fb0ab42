/** Warnings for the programmer. */

const warned = new Set<string>();

/** Warns like `warn`, but only once of the same. */
export function warnOnce(text: string): void {
  if (!warned.has(text)) warn(text);
  warned.add(text);
}

/** Warns of a probable mistake (AG2: `warnings.warn`). */
export function warn(text: string): void {
  console.warn(`mlflow-ag2/agents: ${text}`);
}
