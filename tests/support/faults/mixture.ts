/** Faults drawn at random from a seed, which is printed so that any run can be repeated. */

import { type Dice, one } from "../dice.js";
import type { Fault, FaultScript, Nonsense, Step } from "./script.js";

/** The environment variable that repeats a run. */
export const SEED = "MLFLOW_AG2_FAULT_SEED";

const STATUSES = [408, 429, 500, 502, 503, 504];
const CLOSED = ["at once", "read", "mid-answer", "stored"] as const;
const NONSENSE: Nonsense[] = ["a web page", "random bytes", "JSON cut off"];
/** Failures in a row: each doubles the wait, so more of them would prove patience and nothing else. */
const IN_A_ROW = 2;

/** A script with faults of many kinds, good spells between them, and now and then a rule that holds throughout. */
export function mixture(dice: Dice): FaultScript {
  const steps: Step[] = [];
  for (let spells = 2 + dice(2); spells > 0; spells -= 1) {
    for (let row = 1 + dice(IN_A_ROW); row > 0; row -= 1) steps.push({ fault: anyFault(dice) });
    steps.push({ fault: { kind: "none" } });
  }
  if (dice(3) === 0) steps.unshift({ fault: anyFault(dice), of: "experiment" });
  return { steps, ...anyRule(dice) };
}

function anyFault(dice: Dice): Fault {
  switch (dice(6)) {
    case 0:
      return { kind: "closed", when: one(dice, CLOSED) };
    case 1:
      return { kind: "down", ms: 100 + dice(500) };
    case 2:
      return { kind: "slow", ms: 100 + dice(1000) };
    case 3:
      return { kind: "nonsense", status: one(dice, [200, 500, 502]), what: one(dice, NONSENSE) };
    case 4:
      return { kind: "redirect", status: one(dice, [302, 307, 308]), to: one(dice, ["itself", "elsewhere"]) };
    default:
      return {
        kind: "status",
        status: one(dice, STATUSES),
        cors: dice(4) > 0,
        ...(dice(3) === 0 && { headers: { "retry-after": "1" } }),
      };
  }
}

function anyRule(dice: Dice): FaultScript {
  switch (dice(5)) {
    case 0:
      return { largestBodyBytes: 20_000 };
    case 1:
      return { packedStatus: one(dice, [400, 415]) };
    default:
      return {};
  }
}
