/**
 * What differs between hosts, asked as questions ("is there an environment?") and answered by
 * looking, never by the host's name and never by a static import of something only Node has.
 */

interface ProcessLike {
  env?: Record<string, string | undefined>;
  on?(event: string, listener: () => void): unknown;
}

interface HostGlobals {
  process?: ProcessLike;
  Deno?: { env?: { get(name: string): string | undefined } };
}

/** The value of an environment variable; `undefined` where there is none or it may not be read. */
export function environment(name: string): string | undefined {
  const host = globalThis as HostGlobals;
  try {
    const value = host.process?.env?.[name];
    if (value !== undefined) return value;
  } catch {
    // Deno without --allow-env throws here; an unreadable variable is an unset one.
  }
  try {
    return host.Deno?.env?.get(name);
  } catch {
    return undefined;
  }
}

/** The process, where programs end by running out of work; `undefined` in pages and Workers. */
export function processEvents(): { on(event: string, listener: () => void): unknown } | undefined {
  try {
    const { process } = globalThis as HostGlobals;
    return typeof process?.on === "function" ? (process as { on(event: string, listener: () => void): unknown }) : undefined;
  } catch {
    return undefined;
  }
}

/** Lets a timer not keep the process alive, where the host has that notion. */
export function unrefTimer(timer: ReturnType<typeof setTimeout>): void {
  const candidate = timer as unknown;
  if (typeof candidate === "object" && candidate !== null && "unref" in candidate && typeof candidate.unref === "function") {
    candidate.unref();
    return;
  }
  const deno = (globalThis as { Deno?: { unrefTimer?(id: number): void } }).Deno;
  if (typeof candidate === "number") deno?.unrefTimer?.(candidate);
}
