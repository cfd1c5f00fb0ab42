/** What several adapters need to read what frameworks report. */

/** Anything with properties. */
export type Fields = Readonly<Record<string, unknown>>;

/** The data in JSON text; any other value, and text that is no JSON of an object or array, as it is. */
export function parsed(value: unknown): unknown {
  if (typeof value !== "string" || !/^\s*[[{]/.test(value)) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

/** `value` if it is an object, else one without properties. */
export function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null ? (value as Fields) : {};
}

/**
 * Runs a listener so that it cannot break the framework: the functions of this package never throw, foreign data may.
 */
export function quietly(listener: () => void): void {
  try {
    listener();
  } catch {
    // The framework goes on; the span keeps what it had.
  }
}

/** The token counts of OpenAI's APIs, of chat completions and of responses, by MLflow's names. */
export function openAiUsage(usage: unknown): Record<string, number> {
  const counts = fieldsOf(usage);
  const details = fieldsOf(counts["input_tokens_details"] ?? counts["prompt_tokens_details"] ?? counts["details"]);
  return {
    input_tokens: counts["input_tokens"] ?? counts["prompt_tokens"],
    output_tokens: counts["output_tokens"] ?? counts["completion_tokens"],
    total_tokens: counts["total_tokens"],
    cache_read_input_tokens: details["cached_tokens"],
    cache_creation_input_tokens: details["cache_write_tokens"],
  } as Record<string, number>;
}
