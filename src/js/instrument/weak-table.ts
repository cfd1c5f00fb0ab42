/** A map with weak keys whose values can be iterated nevertheless. */
export class WeakTable<Key extends object, Value> {
  readonly #known = new WeakMap<Key, { readonly value: Value; readonly reference: WeakRef<Key> }>();
  readonly #keys = new Set<WeakRef<Key>>();
  readonly #gone = new FinalizationRegistry<WeakRef<Key>>((reference) => this.#keys.delete(reference));

  get(key: Key): Value | undefined {
    return this.#known.get(key)?.value;
  }

  set(key: Key, value: Value): void {
    this.delete(key);
    const reference = new WeakRef(key);
    this.#known.set(key, { value, reference });
    this.#keys.add(reference);
    this.#gone.register(key, reference);
  }

  delete(key: Key): void {
    const known = this.#known.get(key);
    if (known !== undefined) this.#keys.delete(known.reference);
    this.#known.delete(key);
  }

  /** The values of all objects that are still alive, the oldest first. */
  values(): Value[] {
    const values: Value[] = [];
    for (const reference of this.#keys) {
      const key = reference.deref();
      if (key !== undefined) values.push(this.get(key)!);
    }
    return values;
  }
}
