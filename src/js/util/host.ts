/**
 * Features that differ between hosts, found by feature detection: never by the host's name, and never
 * by a static import of a module that only Node has.
 */

interface ProcessLike {
  env?: Record<string, string | undefined>;
  getBuiltinModule?(name: string): unknown;
  on?(event: string, listener: () => void): unknown;
  getActiveResourcesInfo?(): string[];
}

/** The members of Deno's namespace that this package uses. */
export interface DenoLike {
  env?: { get(name: string): string | undefined };
  unrefTimer?(id: number): void;
  permissions?: {
    querySync?(what: { name: "env"; variable: string } | { name: "read" | "write"; path: string }): { state: string };
  };
  openSync?(
    path: string,
    options: { write: true },
  ): { lockSync?(exclusive: boolean): void; tryLockSync?(exclusive: boolean): boolean; close(): void };
}

/**
 * A variable of the asynchronous context: its value holds for the running function and everything it starts,
 * across `await`.
 */
export interface AsyncVariable<Value> {
  get(): Value | undefined;
  run<Result>(value: Value, work: () => Result): Result;
}

interface AsyncStorage<Value> {
  getStore(): Value | undefined;
  run<Result>(value: Value, work: () => Result): Result;
}

interface HostGlobals {
  AsyncContext?: { Variable?: new <Value>() => AsyncVariable<Value> };
  process?: ProcessLike;
  Deno?: DenoLike;
}

/** The value of an environment variable; `undefined` where there is none or it may not be read. */
export function environmentVariable(name: string): string | undefined {
  const { Deno: deno, process } = globalThis as HostGlobals;
  try {
    return deno?.env === undefined ? process?.env?.[name] : denoEnvironmentVariable(deno, name);
  } catch {
    return undefined;
  }
}

/** Reads only with a granted permission: otherwise Deno would prompt at the terminal. */
function denoEnvironmentVariable(deno: DenoLike, name: string): string | undefined {
  const permission = deno.permissions?.querySync?.({ name: "env", variable: name });
  return permission?.state === "granted" ? deno.env?.get(name) : undefined;
}

/** Deno's own namespace; `undefined` in other hosts. */
export function deno(): DenoLike | undefined {
  return (globalThis as HostGlobals).Deno;
}

/** A built-in module of the host, such as `node:fs`; `undefined` where there is none, and in Node before 20.16. */
export function hostModule(name: string): unknown {
  try {
    return (globalThis as HostGlobals).process?.getBuiltinModule?.(name);
  } catch {
    return undefined;
  }
}

/**
 * The process, in hosts whose programs end when no work is left; `undefined` in pages and Workers. Some
 * hosts (Next.js's edge runtime) have a process whose functions throw: there `on` does nothing.
 */
export function processEvents(): { on(event: string, listener: () => void): unknown } | undefined {
  try {
    const { process } = globalThis as HostGlobals;
    return typeof process?.on === "function"
      ? { on: (event, listener) => onProcessEvent(process, event, listener) }
      : undefined;
  } catch {
    return undefined;
  }
}

function onProcessEvent(process: ProcessLike, event: string, listener: () => void): unknown {
  try {
    return process.on?.(event, listener);
  } catch {
    return undefined;
  }
}

/** The names of what keeps the process alive; empty where the host does not tell. */
export function activeResources(): readonly string[] {
  try {
    return (globalThis as HostGlobals).process?.getActiveResourcesInfo?.() ?? [];
  } catch {
    return [];
  }
}

/** The longest wait of a timer in every host, in milliseconds; a longer one ends at once. */
export const MAX_TIMER_MS: number = 2 ** 31 - 1;

/** Stops a timer from keeping the process alive, in hosts where timers do. */
export function unrefTimer(timer: ReturnType<typeof setTimeout>): void {
  // An object in Node and Bun, a number in Deno and pages.
  const { unref } = Object(timer) as { unref?: unknown };
  if (typeof unref === "function") Reflect.apply(unref, timer, []);
  else if (typeof timer === "number") deno()?.unrefTimer?.(timer);
}

/**
 * A new variable of the host's asynchronous context; `undefined` where the host has none: in pages, and
 * in Node before 20.16, whose built-in modules need a static import.
 */
export function createAsyncVariable<Value>(): AsyncVariable<Value> | undefined {
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
 * Whether timers and requests end with the incoming request that started them, so that no work may be
 * deferred: true in Cloudflare's Workers, the only host with `WebSocketPair`.
 */
export function isRequestScopedHost(): boolean {
  return typeof (globalThis as { WebSocketPair?: unknown }).WebSocketPair === "function";
}

/** Whether, in such a host, an incoming request is being handled now: outside of one no timer can be set. */
export function isHandlingRequest(): boolean {
  try {
    clearTimeout(setTimeout(() => {}, 0));
    return true;
  } catch {
    return false;
  }
}
