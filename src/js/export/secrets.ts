/**
 * Keeps secrets out of what is shown. Errors of a `fetch` and answers of a server may repeat what
 * was sent to them, and end in `stats().lastError` and in warnings.
 */

/** Shorter texts are no secrets, and taking them out would make any message unreadable. */
const SHORTEST = 4;
const CONCEALED = "***";

/** `text` without any of `secrets`. */
export function conceal(text: string, secrets: Iterable<string>): string {
  // The longest first: one may be part of another.
  const found = [...secrets].filter((secret) => secret.length >= SHORTEST).sort((one, other) => other.length - one.length);
  return found.reduce((rest, secret) => rest.replaceAll(secret, CONCEALED), text);
}

/** The header's value and, of "Bearer abc", what follows the scheme. */
export function secretsOf(headerValue: string): string[] {
  return [headerValue, headerValue.slice(headerValue.indexOf(" ") + 1)];
}
