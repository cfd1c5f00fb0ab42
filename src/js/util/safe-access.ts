/** Reads values of unknown shape: responses of servers, objects of other libraries, whatever was thrown. */

/** A field of an object; `undefined` for any other value, and if a getter throws. Never throws. */
export function field(value: unknown, name: string): unknown {
  try {
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
  } catch {
    return undefined;
  }
}

/** A field of an object, if it is text. Never throws. */
export function textField(value: unknown, name: string): string | undefined {
  const found = field(value, name);
  return typeof found === "string" ? found : undefined;
}

/** The message of an error, or any other thrown value as text. Never throws. */
export function errorMessage(error: unknown): string {
  try {
    const message = textField(error, "message");
    return message === undefined ? String(error) : message;
  } catch {
    return "an error that cannot be read";
  }
}

/** How many causes of an error are read, one behind the other. */
const MAX_CAUSES = 5;

/**
 * Why an operation of the host failed: the message, and behind it what the host knows besides. Node says
 * "fetch failed", and why in the cause, or in the errors of several attempts; Bun says it in the code. Never throws.
 */
export function failureReason(error: unknown): string {
  const parts: string[] = [];
  const add = (text: unknown): void => {
    if (typeof text === "string" && text !== "" && !parts.some((part) => part.includes(text))) parts.push(text);
  };
  const read = (at: unknown, depth: number): void => {
    if (at === undefined || at === null || depth > MAX_CAUSES) return;
    add(errorMessage(at));
    add(field(at, "code"));
    read(field(field(at, "errors"), "0"), depth + 1);
    read(field(at, "cause"), depth + 1);
  };
  read(error, 0);
  const [first = "unknown error", ...others] = parts;
  return others.length === 0 ? first : `${first} (${others.join("; ")})`;
}
