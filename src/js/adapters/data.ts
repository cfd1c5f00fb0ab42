/** What several adapters need to read what frameworks report. */

import { countHookFailure } from "../index.js";

/** Anything with properties. */
export type Fields = Readonly<Record<string, unknown>>;

/** The data in JSON text, also in a list of texts; any other value, and other text, as it is. */
export function parsed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(parsed);
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

/** The value of a text that is JSON of any kind, also in a list of texts; any other value as it is. */
export function parsedJson(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(parsedJson);
  try {
    return typeof value === "string" ? (JSON.parse(value) as unknown) : value;
  } catch {
    return value;
  }
}

/** A text that is not empty. */
export function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** Runs a listener so that it cannot break the framework: what foreign data throws is counted. */
export function guard(listener: () => void): void {
  try {
    listener();
  } catch (error) {
    countHookFailure(error);
  }
}

/**
 * The listeners, none of which throws into the framework that calls them, whatever it reports; failures are counted.
 */
export function guardAll<Listeners extends object>(listeners: Listeners): Listeners {
  const entries = Object.entries(listeners).map(([name, listener]: [string, unknown]) => [
    name,
    typeof listener !== "function"
      ? listener
      : (...report: unknown[]): unknown => {
          let result: unknown;
          guard(() => {
            result = (listener as (...report: unknown[]) => unknown)(...report);
          });
          return result;
        },
  ]);
  return Object.fromEntries(entries) as Listeners;
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
