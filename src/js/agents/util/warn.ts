/** Warnings for the programmer. */

/** Warns of a probable mistake (AG2: `warnings.warn`). */
export function warn(text: string): void {
  console.warn(`mlflow-ag2/agents: ${text}`);
}
