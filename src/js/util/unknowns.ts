/** Looks at values of which nothing is known: answers of servers, objects of other libraries, whatever was thrown. */

/** A field of an object; `undefined` of what is none. Throws what a getter throws. */
export function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

/** A field of an object, if it is text. Throws what a getter throws. */
export function textField(value: unknown, name: string): string | undefined {
  const found = field(value, name);
  return typeof found === "string" ? found : undefined;
}

/** What an error says of itself. Never throws. */
export function reason(error: unknown): string {
  try {
    return error instanceof Error ? String(error.message) : String(error);
  } catch {
    return "an error that cannot be read";
  }
}
