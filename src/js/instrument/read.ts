/**
 * Reads what model libraries hand around, by looking at its shape: OpenAI's and Anthropic's field
 * names for the same counts. Pure; never throws on plain data. NaN stands for "not told".
 */

/** Token counts as a model reported them; NaN where it did not. */
export interface RawUsage {
  readonly prompt: number;
  readonly completion: number;
  readonly total: number;
  readonly cacheRead: number;
  readonly cacheCreation: number;
}

/** The model's name in a request. */
export function readModel(request: Readonly<Record<string, unknown>>): string | undefined {
  return typeof request["model"] === "string" ? request["model"] : undefined;
}

/** The token counts in a response's `usage` (mlflow/ag2/ag2_logger.py `_parse_usage`, and cached tokens, which Python drops). */
export function readUsage(response: unknown): RawUsage {
  const usage = field(response, "usage");
  const details = field(usage, "prompt_tokens_details");
  return {
    prompt: count(usage, "prompt_tokens", "input_tokens"),
    completion: count(usage, "completion_tokens", "output_tokens"),
    total: count(usage, "total_tokens"),
    cacheRead: firstCount(count(details, "cached_tokens"), count(usage, "cache_read_input_tokens")),
    cacheCreation: count(usage, "cache_creation_input_tokens"),
  };
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

function count(value: unknown, ...names: string[]): number {
  for (const name of names) {
    const found = field(value, name);
    if (typeof found === "number" && found >= 0) return found;
  }
  return Number.NaN;
}

function firstCount(first: number, second: number): number {
  return Number.isNaN(first) ? second : first;
}
