/** The outcome of a scenario. */
export interface ScenarioResult {
  /** Its results, by label; `null` after an error. */
  results: Record<string, unknown> | null;
  exception: { type: string; message: string } | null;
  /** The bodies of the requests that the model's server received. */
  requests: unknown[];
  /** The steps of the script that no request used. */
  unusedSteps: number[];
}
