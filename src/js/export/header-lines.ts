/** Which header lines may be sent. A bad one is told by its name; its value may be a secret and is never shown. */

import { invalid } from "../util/errors.js";

/** A token (RFC 9110, section 5.6.2). */
const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** What `fetch` takes: no control characters, nothing beyond Latin-1. */
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
/** What the tracer says about its own bodies; another word would make them unreadable. */
const OURS = new Set([
  "content-type",
  "content-encoding",
  "content-length",
  "transfer-encoding",
  "x-mlflow-experiment-id",
]);

/**
 * The lines by lower-case name.
 *
 * @throws MlflowAg2Error `invalid_argument` with a sentence that names the cure and shows no value.
 */
export function checkedLines(given: unknown): Map<string, string> {
  const lines = new Map<string, string>();
  for (const [name, value] of pairsOf(given)) {
    if (typeof name !== "string" || !NAME.test(name))
      throw invalid(`\`${String(name)}\` is no name of a header: use letters, digits and hyphens`);
    const lower = name.toLowerCase();
    if (OURS.has(lower)) throw invalid(`the header \`${name}\` is set by the tracer itself: leave it out`);
    if (typeof value !== "string" || !VALUE.test(value))
      throw invalid(
        `the header \`${name}\` must be text without line breaks and characters beyond Latin-1: trim, encode or leave it out`,
      );
    lines.set(lower, value.trim());
  }
  return lines;
}

function pairsOf(given: unknown): readonly (readonly unknown[])[] {
  const isObject = typeof given === "object" && given !== null;
  const pairs = isObject && Symbol.iterator in given ? [...(given as Iterable<unknown>)] : Object.entries(given ?? {});
  if (!isObject || !pairs.every(Array.isArray))
    throw invalid(
      'headers must be an object such as `{ "X-Api-Key": "…" }`, pairs of names and values, or a function that gives one of these',
    );
  return pairs;
}

/** The header's value and, of "Bearer abc", what follows the scheme. */
export function secretsOf(headerValue: string): string[] {
  return [headerValue, headerValue.slice(headerValue.indexOf(" ") + 1)];
}
