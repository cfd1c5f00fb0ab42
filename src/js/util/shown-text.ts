/**
 * Foreign text in messages for people: every warning, error and `stats().lastError` passes through here, so that
 * none shows a secret that a server repeats, or moves the cursor of a terminal.
 */

/** What is shown in place of a secret. */
const CONCEALED = "***";
/** Shorter ones are words: to conceal them here would make messages of our own unreadable. */
const MIN_SECRET_CHARACTERS = 8;
/** Tokens may be renewed for each request: the newest are remembered. */
const MAX_SECRETS = 100;
/** Control characters, and marks that reverse the direction of a text or end its line. */
// oxlint-disable-next-line no-control-regex
const UNPRINTABLE = /[\0-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

const secrets = new Set<string>();

/** No message shows these from now on. */
export function rememberSecrets(values: readonly string[]): void {
  for (const value of values) {
    if (value.length < MIN_SECRET_CHARACTERS) continue;
    secrets.delete(value);
    secrets.add(value);
  }
  for (const oldest of secrets) {
    if (secrets.size <= MAX_SECRETS) break;
    secrets.delete(oldest);
  }
}

/** `text` without secrets, and with control characters as escapes. */
export function shownText(text: string): string {
  let shown = text;
  // The longest first: one may contain another.
  for (const secret of [...secrets].sort((one, other) => other.length - one.length))
    shown = shown.replaceAll(secret, CONCEALED);
  return shown.replace(UNPRINTABLE, escapeOf);
}

/** A character as an escape, such as `\x1b` or `\u202e`. */
function escapeOf(character: string): string {
  const digits = character.charCodeAt(0).toString(16);
  return digits.length > 2 ? `\\u${digits}` : `\\x${digits.padStart(2, "0")}`;
}
