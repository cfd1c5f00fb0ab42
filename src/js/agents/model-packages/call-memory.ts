/**
 * What a model wants back with a tool call and histories have no place for: signed reasoning. It is kept by the id of
 * the call, for all clients of a page or process, because in a group another agent's client may send the call back.
 */

/** The most calls that are remembered. */
const MAX_CALLS = 1_000;

/** Values by the ids of tool calls; the oldest are forgotten. */
export class CallMemory<Value> {
  readonly #values = new Map<string, Value>();

  set(id: string, value: Value): void {
    this.#values.set(id, value);
    if (this.#values.size <= MAX_CALLS) return;
    const [oldest] = this.#values.keys();
    this.#values.delete(oldest as string);
  }

  get(id: string): Value | undefined {
    return this.#values.get(id);
  }
}
