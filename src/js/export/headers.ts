/** Validation of headers. An error message names the header; its value may be a secret and is never shown. */

import { invalid } from "../util/errors.js";

/** A header name: a token (RFC 9110, section 5.6.2). */
const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** A header value that `fetch` accepts: no control characters, nothing beyond Latin-1. */
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
/** Headers that describe the tracer's own bodies; another value would make them unreadable. */
const RESERVED_HEADERS = new Set([
  "content-type",
  "content-encoding",
  "content-length",
  "transfer-encoding",
  "x-mlflow-experiment-id",
]);

/**
 * The headers by lower-case name.
 *
 * @throws MlflowAg2Error `invalid_argument` with a message that names the remedy and shows no value.
 */
export function checkedHeaders(input: unknown): Map<string, string> {
  const headers = new Map<string, string>();
  for (const [name, value] of headerPairs(input)) {
    if (typeof name !== "string" || !NAME.test(name))
      throw invalid(`\`${String(name)}\` is no name of a header: use letters, digits and hyphens`);
    const lower = name.toLowerCase();
    if (RESERVED_HEADERS.has(lower)) throw invalid(`the header \`${name}\` is set by the tracer itself: leave it out`);
    if (typeof value !== "string" || !VALUE.test(value))
      throw invalid(
        `the header \`${name}\` must be text without line breaks and characters beyond Latin-1: ` +
          "trim, encode or leave it out",
      );
    headers.set(lower, value.trim());
  }
  return headers;
}

function headerPairs(input: unknown): readonly (readonly unknown[])[] {
  const isObject = typeof input === "object" && input !== null;
  const pairs = isObject && Symbol.iterator in input ? [...(input as Iterable<unknown>)] : Object.entries(input ?? {});
  if (!isObject || !pairs.every(Array.isArray))
    throw invalid(
      'headers must be an object such as `{ "X-Api-Key": "…" }`, pairs of names and values, ' +
        "or a function that gives one of these",
    );
  return pairs;
}

/** The secrets in a header's value: the whole value and, of "Bearer abc", the part after the scheme. */
export function secretsOf(headerValue: string): string[] {
  return [headerValue, headerValue.slice(headerValue.indexOf(" ") + 1)];
}
