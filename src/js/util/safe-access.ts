/** Reads values of unknown shape: responses of servers, objects of other libraries, whatever was thrown. */

/** A field of an object; `undefined` for any other value. Throws what a getter throws. */
export function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

/** A field of an object, if it is text. Throws what a getter throws. */
export function textField(value: unknown, name: string): string | undefined {
  const found = field(value, name);
  return typeof found === "string" ? found : undefined;
}

/** The message of an error, or any other thrown value as text. Never throws. */
export function errorMessage(error: unknown): string {
  try {
    return error instanceof Error ? String(error.message) : String(error);
  } catch {
    return "an error that cannot be read";
  }
}
