/**
 * The core behind a boundary: WebAssembly that runs out of memory, or finds itself in an impossible state, traps, and
 * what it had begun is left half done. From then on no function of the core is called, and what a caller gets is as
 * if there were no core: no call throws, and no promise is left pending.
 */

import type { Core, RawCore } from "./core.js";

/** Called with what a function of the core threw; returns whether the core has ended by it. */
export type CoreFailure = (error: unknown) => boolean;

/** What functions give in place of a result; all others `undefined`. */
const FALLBACKS: Partial<Record<keyof Core, unknown>> = {
  conceal: "",
  experiment: { state: "unset", id: "" },
  recentTraceIds: [],
  remoteParent: 0,
  takeFinishedIds: [],
  trackingUri: "memory:",
  unredacted: [],
};

/** The functions with numbers that are called outside of hooks, which have a boundary of their own. */
const CALLED_BY_API = [
  "closeOpen",
  "configurationChanged",
  "flushNow",
  "forgetMessages",
  "redacted",
  "releaseRedacted",
  "sendAgain",
  "sendAll",
  "sendBeforeUnload",
  "sendDue",
  "setCapturePolicy",
  "setLimits",
  "setUnixOffset",
  "wake",
] as const satisfies readonly (keyof RawCore)[];

/** A core whose functions do not throw; those of hot paths are the module's own. */
export function guardedCore(core: Core, failed: CoreFailure): Core {
  const guarded = (fn: (...args: never[]) => unknown, fallback: unknown): ((...args: never[]) => unknown) => {
    return (...args) => {
      try {
        return fn(...args);
      } catch (error) {
        // Of a core that goes on, the caller gets the error as it is.
        if (!failed(error)) throw error;
        return fallback;
      }
    };
  };
  const { raw, ...functions } = core;
  const guardedRaw: Record<string, unknown> = { ...raw };
  for (const name of CALLED_BY_API) guardedRaw[name] = guarded(raw[name], undefined);
  const result: Record<string, unknown> = { raw: guardedRaw };
  for (const [name, fn] of Object.entries(functions))
    result[name] = guarded(fn as (...args: never[]) => unknown, FALLBACKS[name as keyof Core]);
  return result as unknown as Core;
}
