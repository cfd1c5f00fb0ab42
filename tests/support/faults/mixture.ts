/** Faults drawn at random from a seed, which is printed so that any run can be repeated. */

import { type Random, one } from "../seeded-random.js";
import type { Fault, FaultScript, MalformedBody, Step } from "./script.js";

/** The environment variable that repeats a run. */
export const SEED = "MLFLOW_AG2_FAULT_SEED";

const STATUSES = [408, 429, 500, 502, 503, 504];
const CLOSED = ["at once", "read", "mid-answer", "stored"] as const;
const MALFORMED: MalformedBody[] = ["a web page", "random bytes", "JSON cut off"];
/** Failures in a row: each doubles the wait, so more of them would prove patience and nothing else. */
const IN_A_ROW = 2;

/** A script with faults of many kinds, pauses between them, and sometimes a rule for all requests. */
export function mixture(random: Random): FaultScript {
  const steps: Step[] = [];
  for (let spells = 2 + random(2); spells > 0; spells -= 1) {
    for (let row = 1 + random(IN_A_ROW); row > 0; row -= 1) steps.push({ fault: anyFault(random) });
    steps.push({ fault: { kind: "none" } });
  }
  if (random(3) === 0) steps.unshift({ fault: anyFault(random), of: "experiment" });
  return { steps, ...anyRule(random) };
}

function anyFault(random: Random): Fault {
  switch (random(6)) {
    case 0:
      return { kind: "closed", when: one(random, CLOSED) };
    case 1:
      return { kind: "down", ms: 100 + random(500) };
    case 2:
      return { kind: "slow", ms: 100 + random(1000) };
    case 3:
      return { kind: "malformed", status: one(random, [200, 500, 502]), what: one(random, MALFORMED) };
    case 4:
      return { kind: "redirect", status: one(random, [302, 307, 308]), to: one(random, ["itself", "elsewhere"]) };
    default:
      return {
        kind: "status",
        status: one(random, STATUSES),
        cors: random(4) > 0,
        ...(random(3) === 0 && { headers: { "retry-after": "1" } }),
      };
  }
}

function anyRule(random: Random): FaultScript {
  switch (random(5)) {
    case 0:
      return { largestBodyBytes: 20_000 };
    case 1:
      return { packedStatus: one(random, [400, 415]) };
    default:
      return {};
  }
}
