/** A quick look for secret keys in a text, by the last two characters of each key (mask-text.ts reads the rest). */

export const BACKSLASH = 0x5c;

/** Which keys are secret. */
export interface SecretKeys {
  /** Whether values under `key` are masked. */
  isSecret(key: string): boolean;
  /** Whether `isSecret` may be true of a key of `text` that ends at `end`. Looks at its last two characters. */
  mayEndSecret(text: string, end: number): boolean;
}

/** Whether a colon or an equals sign of `text` may follow a secret key. In nearly all texts none does. */
export function mayHoldSecretKey(text: string, keys: SecretKeys): boolean {
  let colon = text.indexOf(":");
  let equal = text.indexOf("=");
  while (colon >= 0 || equal >= 0) {
    const isColon = colon >= 0 && (equal < 0 || colon < equal);
    const at = isColon ? colon : equal;
    if (mayFollowSecretKey(text, at, keys)) return true;
    if (isColon) colon = text.indexOf(":", at + 1);
    else equal = text.indexOf("=", at + 1);
  }
  return false;
}

/** Whether the key before the colon or equals sign at `at` may be secret. */
export function mayFollowSecretKey(text: string, at: number, keys: SecretKeys): boolean {
  let end = at;
  if (isQuote(text[end - 1] ?? "")) {
    end -= 1;
    while (text.charCodeAt(end - 1) === BACKSLASH) end -= 1;
  }
  return keys.mayEndSecret(text, end);
}

/** Whether this is a quote of JSON, JavaScript or Python. */
export function isQuote(character: string): boolean {
  return character === '"' || character === "'" || character === "`";
}
