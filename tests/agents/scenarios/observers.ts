/**
 * Adds observers to the scenarios: the tracer itself, or observers that fail at random, like the worst
 * possible tracer. They must not change the behaviour of the scenarios.
 */

import { type AgentObserver, observe } from "mlflow-ag2/agents";

let unhandled = 0;

/** The number of unhandled rejections. */
export function unhandledRejectionCount(): number {
  return unhandled;
}

/** Adds the observers that `how` names: "nothing", "tracer", or "tracer and failing observers". */
export async function addObservers(how: string | null): Promise<void> {
  if (how === null) return;
  const { process } = globalThis as { process?: { on?(event: string, listener: () => void): void } };
  process?.on?.("unhandledRejection", () => (unhandled += 1));
  if (how === "nothing") return;
  const { autolog, setTrackingUri } = await import("mlflow-ag2");
  autolog({ silent: true });
  // Nothing listens on this port, so every delivery fails.
  setTrackingUri("http://127.0.0.1:9");
  if (how === "tracer and failing observers") observe(failingAtRandom());
}

/** An observer half of whose calls fail, in ways that a pseudorandom generator selects. */
function failingAtRandom(): AgentObserver {
  let seed = 7;
  const random = (): number => (seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31) / 2 ** 31;
  return new Proxy(
    {},
    {
      get: (_, name) => {
        if (random() < 0.1) throw new Error(`no ${String(name)}`);
        return (...given: unknown[]) => {
          const chance = random();
          if (chance < 0.3) throw new Error("a failing observer");
          if (chance < 0.5) return Promise.reject(new Error("a failing observer, later"));
          const work = given.at(-1);
          if (name !== "around" || typeof work !== "function" || chance >= 0.8) return undefined;
          return Reflect.apply(work, undefined, []) as unknown;
        };
      },
    },
  );
}
