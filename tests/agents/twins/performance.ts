/** What came of playing a twin. */
export interface Performance {
  /** What it gave, by label; `null` after an error. */
  results: Record<string, unknown> | null;
  exception: { type: string; message: string } | null;
  /** The bodies of the requests that the model's server received. */
  requests: unknown[];
  /** Steps of the script that nobody asked for. */
  unusedSteps: number[];
}
