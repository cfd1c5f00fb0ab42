/** The variables that the agents of a group share (AG2: agentchat/group/context_variables.py). */

import { toolResultText } from "../tools/tool-text.js";

/** Variables by name: a `ContextVariables` or a plain object. */
export type VariablesInput = ContextVariables | Readonly<Record<string, unknown>>;

/**
 * Variables that the agents of a group share: conditions and system messages read them, tools change them
 * by a `ReplyResult`. All agents of the group have its `data` as their `contextVariables`.
 *
 * @example
 * const contextVariables = new ContextVariables({ customer: "Ada", openOrders: 2 });
 * const pattern = new DefaultPattern({ initialAgent: assistant, agents: [assistant], contextVariables });
 * await initiateGroupChat(pattern, { messages: "What have I ordered?" });
 * console.log(contextVariables.get("openOrders"));
 */
export class ContextVariables implements Iterable<[name: string, value: unknown]> {
  /** The variables by name: the object that the agents of the group have as `contextVariables`. */
  readonly data: Record<string, unknown>;

  /** Creates variables with these values; the object is copied. */
  constructor(data: VariablesInput = {}) {
    this.data = { ...variablesOf(data) };
  }

  /** Variables with the entries of a plain object. */
  static fromDict(data: Readonly<Record<string, unknown>>): ContextVariables {
    return new ContextVariables(data);
  }

  /** The value of a variable; `defaultValue` if there is none of that name. */
  get(name: string, defaultValue?: unknown): unknown {
    return this.contains(name) ? this.data[name] : defaultValue;
  }

  /** Sets a variable. */
  set(name: string, value: unknown): void {
    this.data[name] = value;
  }

  /** Removes a variable; returns whether there was one of that name. */
  remove(name: string): boolean {
    return this.contains(name) && delete this.data[name];
  }

  /** Whether there is a variable of that name. */
  contains(name: string): boolean {
    return Object.hasOwn(this.data, name);
  }

  /** Adds and replaces variables. */
  update(variables: VariablesInput): void {
    Object.assign(this.data, variablesOf(variables));
  }

  /** Removes all variables. */
  clear(): void {
    for (const name of this.keys()) delete this.data[name];
  }

  /** The names of the variables. */
  keys(): string[] {
    return Object.keys(this.data);
  }

  /** The values of the variables. */
  values(): unknown[] {
    return Object.values(this.data);
  }

  /** The names with their values. */
  items(): [name: string, value: unknown][] {
    return Object.entries(this.data);
  }

  /** The number of variables. */
  get size(): number {
    return this.keys().length;
  }

  /** A shallow copy of the variables, as a plain object. */
  toDict(): Record<string, unknown> {
    return { ...this.data };
  }

  /** The names with their values. */
  [Symbol.iterator](): Iterator<[name: string, value: unknown]> {
    return this.items().values();
  }

  /** The variables as plain data, for JSON. */
  toJSON(): Record<string, unknown> {
    return this.data;
  }

  /** The variables as text. */
  toString(): string {
    return `ContextVariables(${toolResultText(this.data)})`;
  }
}

/** The variables as a plain object: that of a `ContextVariables` itself, not a copy. */
export function variablesOf(variables: VariablesInput): Readonly<Record<string, unknown>> {
  return variables instanceof ContextVariables ? variables.data : variables;
}

/** The value of a variable; `undefined` if there is none. */
export function variable(variables: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(variables, name) ? variables[name] : undefined;
}

/** A deep copy of variables: of lists, plain objects, maps, sets and dates. Other values stay the same. */
export function deepCopy(variables: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const copies = new Map<unknown, unknown>();
  const copy = (value: unknown): unknown => {
    if (typeof value !== "object" || value === null) return value;
    if (copies.has(value)) return copies.get(value);
    if (value instanceof Date) return new Date(value);
    const made = value instanceof Map ? new Map() : value instanceof Set ? new Set() : Array.isArray(value) ? [] : {};
    const isPlain = [Object.prototype, null].includes(Object.getPrototypeOf(value) as object | null);
    if (Object.getPrototypeOf(made) === Object.prototype && !isPlain) return value;
    copies.set(value, made);
    if (value instanceof Map)
      for (const [key, each] of value) (made as Map<unknown, unknown>).set(copy(key), copy(each));
    else if (value instanceof Set) for (const each of value) (made as Set<unknown>).add(copy(each));
    else for (const [key, each] of Object.entries(value)) (made as Record<string, unknown>)[key] = copy(each);
    return made;
  };
  return copy({ ...variables }) as Record<string, unknown>;
}
