/** Which header lines may be sent. A bad one is told by its name; its value may be a secret and is never shown. */

/** A token (RFC 9110, section 5.6.2). */
const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** What `fetch` takes: no control characters, nothing beyond Latin-1. */
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
/** What the tracer says about its own bodies; another word would make them unreadable. */
const OURS = new Set(["content-type", "content-encoding", "content-length", "transfer-encoding", "x-mlflow-experiment-id"]);

/**
 * The lines by lower-case name.
 *
 * @throws TypeError with a sentence that names the cure and shows no value.
 */
export function checkedLines(given: unknown): Map<string, string> {
  const lines = new Map<string, string>();
  for (const [name, value] of pairsOf(given)) {
    if (typeof name !== "string" || !NAME.test(name)) throw new TypeError(`\`${String(name)}\` is no name of a header: use letters, digits and hyphens`);
    const lower = name.toLowerCase();
    if (OURS.has(lower)) throw new TypeError(`the header \`${name}\` is set by the tracer itself: leave it out`);
    if (typeof value !== "string") throw new TypeError(`the header \`${name}\` must be text, not ${value === null ? "null" : typeof value}: give text or leave it out`);
    if (!VALUE.test(value)) throw new TypeError(`the header \`${name}\` holds a line break or a character beyond Latin-1: trim or encode it`);
    lines.set(lower, value.trim());
  }
  return lines;
}

function pairsOf(given: unknown): Iterable<readonly [unknown, unknown]> {
  if (typeof given !== "object" || given === null) {
    throw new TypeError('headers must be an object such as `{ "X-Api-Key": "…" }`, or a function that gives one');
  }
  if (!(Symbol.iterator in given)) return Object.entries(given);
  return [...(given as Iterable<unknown>)].map((pair) => {
    if (!Array.isArray(pair)) throw new TypeError("headers in a list must be pairs of a name and a value");
    return [pair[0], pair[1]] as const;
  });
}

