/** Foreign text as it may be shown to people. */

/** Control characters but line breaks and tabs, and marks that reverse the direction of a text. */
const UNPRINTABLE = /(?!\r?\n|\t)[\p{Cc}\p{Bidi_C}]/gu;

/** `text` with control characters as escapes, and without the values of `headers`, whose keys a server may repeat. */
export function shownText(text: string, headers = {}): string {
  return Object.values<string>(headers)
    .flatMap((value) => [value, value.slice(value.indexOf(" ") + 1)])
    .reduce(
      (shown, secret) => (secret.length < 8 || secret.endsWith("/json") ? shown : shown.replaceAll(secret, "***")),
      text,
    )
    .replace(UNPRINTABLE, (mark) => `\\u{${mark.charCodeAt(0).toString(16)}}`);
}
