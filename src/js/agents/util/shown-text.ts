/** Foreign text as it may be shown to people. */

/** Control characters but line breaks and tabs, and marks that reverse the direction of a text. */
// oxlint-disable-next-line no-control-regex
const UNPRINTABLE = /\r(?!\n)|[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;
/** Shorter values are words. */
const MIN_SECRET_LENGTH = 8;

/** `text` with control characters as escapes, and without the values of `headers`, whose keys a server may repeat. */
export function shownText(text: string, headers: Readonly<Record<string, string>> = {}): string {
  let shown = text;
  for (const [name, value] of Object.entries(headers)) {
    if (name.toLowerCase() === "content-type") continue;
    for (const secret of [value, value.slice(value.indexOf(" ") + 1)])
      if (secret.length >= MIN_SECRET_LENGTH) shown = shown.replaceAll(secret, "***");
  }
  return shown.replace(UNPRINTABLE, (mark) => `\\u${mark.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
