/**
 * What differs between hosts, asked as questions ("is there an environment?") and answered by
 * looking, never by the host's name and never by a static import of something only Node has.
 */

interface ProcessLike {
  env?: Record<string, string | undefined>;
  getBuiltinModule?(name: string): unknown;
  on?(event: string, listener: () => void): unknown;
}

/** What is used of Deno's own namespace. */
export interface DenoLike {
  env?: { get(name: string): string | undefined };
  permissions?: {
    querySync?(what: { name: "env"; variable: string } | { name: "read" | "write"; path: string }): { state: string };
  };
  openSync?(
    path: string,
    options: { write: true },
  ): { lockSync?(exclusive: boolean): void; tryLockSync?(exclusive: boolean): boolean; close(): void };
}

/** A value that belongs to the running work and to everything that this work starts, across `await`. */
export interface HostVariable<Value> {
  get(): Value | undefined;
  run<Result>(value: Value, work: () => Result): Result;
}

interface AsyncStorage<Value> {
  getStore(): Value | undefined;
  run<Result>(value: Value, work: () => Result): Result;
}

interface HostGlobals {
  AsyncContext?: { Variable?: new <Value>() => HostVariable<Value> };
  process?: ProcessLike;
  Deno?: DenoLike;
}

/** The value of an environment variable; `undefined` where there is none or it may not be read. */
export function environment(name: string): string | undefined {
  const { Deno: deno, process } = globalThis as HostGlobals;
  try {
    return deno?.env === undefined ? process?.env?.[name] : environmentOfDeno(deno, name);
  } catch {
    return undefined;
  }
}

/** Deno asks the person at the terminal before it reads a variable; a tracer is not worth that question. */
function environmentOfDeno(deno: DenoLike, name: string): string | undefined {
  const permission = deno.permissions?.querySync?.({ name: "env", variable: name });
  return permission?.state === "granted" ? deno.env?.get(name) : undefined;
}

/** Deno's own namespace; `undefined` in other hosts. */
export function deno(): DenoLike | undefined {
  return (globalThis as HostGlobals).Deno;
}

/** A module that is built into the host, such as `node:fs`; `undefined` where there is none, and in Node before 20.16. */
export function hostModule(name: string): unknown {
  try {
    return (globalThis as HostGlobals).process?.getBuiltinModule?.(name);
  } catch {
    return undefined;
  }
}

/**
 * The process, where programs end by running out of work; `undefined` in pages and Workers. Some
 * hosts (Next.js's edge runtime) have a process whose functions throw: there `on` does nothing.
 */
export function processEvents(): { on(event: string, listener: () => void): unknown } | undefined {
  try {
    const { process } = globalThis as HostGlobals;
    return typeof process?.on === "function"
      ? { on: (event, listener) => onOrNothing(process, event, listener) }
      : undefined;
  } catch {
    return undefined;
  }
}

function onOrNothing(process: ProcessLike, event: string, listener: () => void): unknown {
  try {
    return process.on?.(event, listener);
  } catch {
    return undefined;
  }
}

/** Lets a timer not keep the process alive, where the host has that notion. */
export function unrefTimer(timer: ReturnType<typeof setTimeout>): void {
  const candidate = timer as unknown;
  if (
    typeof candidate === "object" &&
    candidate !== null &&
    "unref" in candidate &&
    typeof candidate.unref === "function"
  ) {
    candidate.unref();
    return;
  }
  const deno = (globalThis as { Deno?: { unrefTimer?(id: number): void } }).Deno;
  if (typeof candidate === "number") deno?.unrefTimer?.(candidate);
}

/**
 * A new variable of the host's async context; `undefined` where the host has none, as pages, and
 * Node before 20.16, which tells of its modules only to static imports.
 */
export function hostVariable<Value>(): HostVariable<Value> | undefined {
  const { AsyncContext: context } = globalThis as HostGlobals;
  try {
    if (typeof context?.Variable === "function") return new context.Variable<Value>();
    const hooks = hostModule("node:async_hooks") as { AsyncLocalStorage?: new () => AsyncStorage<Value> } | undefined;
    if (hooks?.AsyncLocalStorage === undefined) return undefined;
    const storage = new hooks.AsyncLocalStorage();
    return { get: () => storage.getStore(), run: (value, work) => storage.run(value, work) };
  } catch {
    return undefined;
  }
}

/**
 * Whether timers and requests die with the incoming request that began them, so that nothing may be
 * left to "later": so it is in Cloudflare's Workers, the only host with such a pair of sockets.
 */
export function isBoundToRequests(): boolean {
  return typeof (globalThis as { WebSocketPair?: unknown }).WebSocketPair === "function";
}

/** Whether, in such a host, a request is being answered just now: outside of one no timer can be set. */
export function isInRequest(): boolean {
  try {
    clearTimeout(setTimeout(() => {}, 0));
    return true;
  } catch {
    return false;
  }
}
