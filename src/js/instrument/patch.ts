/**
 * The only file that changes other people's objects, and the one that changes them back.
 *
 * A method is replaced where it is found: on a prototype, or as an own property of one object. What
 * stands there afterwards is a proxy of the very same function, so that whatever else is done with
 * it (its name, its properties, `bind`, a test's spy) is done with the function itself. Undoing puts
 * back the identical function, with the same attributes as before, unless the program has put
 * something else there in the meantime: then that stays.
 */

/** Any function, called in any way. */
export type AnyFunction = (this: unknown, ...given: never[]) => unknown;

/** What happens instead of a call: gets the function, and `this` and the arguments of the call. */
export type Instead = (fn: AnyFunction, self: unknown, given: readonly unknown[]) => unknown;

/** Puts back what was replaced. Doing it twice does no harm. */
export type Undo = () => void;

/**
 * Asks a function of ours what it stands for. Two copies of this package recognise each other's by
 * it, so that none hooks what the other has hooked already.
 */
const ORIGINAL: unique symbol = Symbol.for("mlflow-ag2.original") as never;

const nothing: Undo = () => {};

/** A function that stands for `fn`: `instead` is called in its place, everything else is `fn`'s own. */
export function standIn<Fn extends AnyFunction>(fn: Fn, instead: Instead): Fn {
  return new Proxy(fn, {
    apply: (target, self: unknown, given: unknown[]) => instead(target, self, given),
    get: (target, key, receiver: unknown) => (key === ORIGINAL ? target : Reflect.get(target, key, receiver)),
  });
}

/** The function that `fn` stands for; `undefined` if it stands for itself. */
export function originalOf(fn: unknown): AnyFunction | undefined {
  if (typeof fn !== "function") return undefined;
  try {
    return (fn as { [ORIGINAL]?: AnyFunction })[ORIGINAL];
  } catch {
    return undefined;
  }
}

/**
 * Replaces the function under `key` of `holder` itself (not of its prototypes): a method, or a
 * getter that gives functions.
 *
 * @param make gives what shall stand in for a function; `undefined` leaves it alone.
 * @returns how to undo it; `undefined` where nothing could be replaced: there is no function, or
 *   the object or the property is frozen.
 */
export function replaceOwn(holder: object, key: PropertyKey, make: (fn: AnyFunction) => AnyFunction | undefined): Undo | undefined {
  const before = Reflect.getOwnPropertyDescriptor(holder, key);
  if (before === undefined) return undefined;
  const after = replacement(before, make);
  if (after === undefined || !define(holder, key, after)) return undefined;
  if (!standsThere(holder, key, after)) {
    // A proxy that takes everything and keeps nothing.
    define(holder, key, before);
    return undefined;
  }
  return once(() => {
    if (standsThere(holder, key, after)) define(holder, key, before);
  });
}

/**
 * Puts a property in front of what `holder` inherits, invisible to whoever lists or copies the
 * object.
 *
 * @returns how to take it away again; `undefined` if `holder` takes no properties, or has this one.
 */
export function shadow(holder: object, key: PropertyKey, value: AnyFunction): Undo | undefined {
  return putInFront(holder, key, { value, writable: true, enumerable: false, configurable: true });
}

/** As `shadow`, for what is to happen whenever the inherited property is read. */
export function shadowGetter(holder: object, key: PropertyKey, get: () => unknown): Undo | undefined {
  return putInFront(holder, key, { get, enumerable: false, configurable: true });
}

/** Replaces a value in a collection of the program's: an entry of a map, an item of a list. */
export function replaceEntry<Key, Value>(map: Map<Key, Value>, key: Key, value: Value): Undo {
  const before = map.get(key) as Value;
  map.set(key, value);
  return once(() => {
    if (map.get(key) === value) map.set(key, before);
  });
}

/** All changes made for one purpose, to be undone together. Keeps none of the changed objects alive. */
export class Changes {
  // An undo knows its object, so it may only live as long as that does.
  readonly #undos = new WeakMap<object, Undo[]>();
  readonly #changed = new Set<WeakRef<object>>();
  readonly #gone = new FinalizationRegistry<WeakRef<object>>((reference) => this.#changed.delete(reference));

  /** Notes how to undo a change of `holder`; `undefined` stands for a change that could not be made. */
  add(holder: object, undo: Undo | undefined): boolean {
    if (undo === undefined) return false;
    const known = this.#undos.get(holder);
    if (known !== undefined) {
      known.push(undo);
      return true;
    }
    this.#undos.set(holder, [undo]);
    const reference = new WeakRef(holder);
    this.#changed.add(reference);
    this.#gone.register(holder, reference);
    return true;
  }

  /** Undoes the changes of one object, the newest first. */
  undo(holder: object): void {
    for (const undo of this.#undos.get(holder)?.reverse() ?? []) undo();
    this.#undos.delete(holder);
  }

  /** Undoes everything, object by object, the newest first. */
  undoAll(): void {
    for (const reference of [...this.#changed].reverse()) {
      const holder = reference.deref();
      if (holder !== undefined) this.undo(holder);
    }
    this.#changed.clear();
  }
}

function putInFront(holder: object, key: PropertyKey, descriptor: PropertyDescriptor): Undo | undefined {
  if (Reflect.getOwnPropertyDescriptor(holder, key) !== undefined || !define(holder, key, descriptor)) return undefined;
  if (!standsThere(holder, key, descriptor)) {
    Reflect.deleteProperty(holder, key);
    return undefined;
  }
  return once(() => {
    if (standsThere(holder, key, descriptor)) Reflect.deleteProperty(holder, key);
  });
}

function replacement(before: PropertyDescriptor, make: (fn: AnyFunction) => AnyFunction | undefined): PropertyDescriptor | undefined {
  if (typeof before.value === "function") {
    const value = make(before.value as AnyFunction);
    return value === undefined ? undefined : { ...before, value };
  }
  const { get } = before;
  if (get === undefined || originalOf(get) !== undefined) return undefined;
  // One function always gets the same stand-in, or it would not be equal to itself.
  const made = new WeakMap<AnyFunction, AnyFunction>();
  const standInOf = (given: unknown): unknown => {
    if (typeof given !== "function") return given;
    const fn = given as AnyFunction;
    const known = made.get(fn) ?? make(fn) ?? fn;
    made.set(fn, known);
    return known;
  };
  return { ...before, get: standIn(get as AnyFunction, (target, self) => standInOf(Reflect.apply(target, self, []))) as () => unknown };
}

function standsThere(holder: object, key: PropertyKey, wanted: PropertyDescriptor): boolean {
  const found = Reflect.getOwnPropertyDescriptor(holder, key);
  return found !== undefined && found.value === wanted.value && found.get === wanted.get;
}

function define(holder: object, key: PropertyKey, descriptor: PropertyDescriptor): boolean {
  try {
    return Reflect.defineProperty(holder, key, descriptor);
  } catch {
    return false;
  }
}

function once(undo: Undo): Undo {
  let todo = undo;
  return () => {
    const now = todo;
    todo = nothing;
    now();
  };
}
