/** Telling the programmer. */

/** Warns of something that is probably a mistake (AG2: `warnings.warn`). */
export function warn(text: string): void {
  console.warn(`mlflow-ag2/agents: ${text}`);
}
