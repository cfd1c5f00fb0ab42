/** The faults that every host must survive, and what must come of each. */

import { seededRandom } from "../seeded-random.js";
import type { Expected } from "./audit.js";
import { mixture } from "./mixture.js";
import type { Fault, FaultScript, Rules } from "./script.js";

/** What the program makes meanwhile (tests/hosts/programs/under_faults.ts). */
export interface FaultPlan {
  readonly chats: number;
  readonly spans: number;
  readonly fillingCharacters: number;
  readonly rejectedText?: string;
  readonly init: Readonly<Record<string, unknown>>;
  readonly fixedInit?: Readonly<Record<string, unknown>>;
  readonly patienceMs: number;
}

/** One run: what the server does, what the program does, and what must come of it. */
export interface Case {
  readonly name: string;
  readonly script: FaultScript;
  readonly plan: FaultPlan;
  readonly expected: Expected;
  /** Whether the script was drawn at random, so that there may be more in it than requests. */
  readonly isMixed?: boolean;
}

const REJECTED_TEXT = "the-text-that-no-server-can-store";
const PLAN: FaultPlan = { chats: 2, spans: 3, fillingCharacters: 10, init: {}, patienceMs: 40_000 };
/** About 100 kB in twelve traces, to be split. */
const LARGE: FaultPlan = { ...PLAN, spans: 8, fillingCharacters: 3000 };
/** Spans of 200 kB, which cannot be packed. */
const HUGE: FaultPlan = { ...PLAN, fillingCharacters: 200_000 };
const HUNG: FaultPlan = { ...PLAN, init: { timeoutMs: 3000 } };

/** The fault ends after so many requests, and then all is well. */
function passing(
  name: string,
  fault: Fault,
  { times = 1, expected = "everything", plan = PLAN }: { times?: number; expected?: Expected; plan?: FaultPlan } = {},
): Case {
  return { name, script: { steps: [{ fault, times }] }, plan, expected };
}

function always(name: string, rules: Rules, expected: Expected, plan: FaultPlan = PLAN): Case {
  return { name, script: rules, plan, expected };
}

function status(code: number, headers?: Record<string, string>): Fault {
  return { kind: "status", status: code, ...(headers && { headers }) };
}

/** All of them. */
export const FAULTS: readonly Case[] = [
  ...[408, 500, 504].map((code) => passing(`answers ${code} twice`, status(code), { times: 2 })),
  passing("answers 429, Retry-After in seconds", status(429, { "retry-after": "1" })),
  passing("answers 503, Retry-After as a date", { kind: "status", status: 503, retryAtMs: 2000 }),
  passing("answers 503, Retry-After malformed", status(503, { "retry-after": "soon" })),
  passing("answers 502 without CORS headers", { kind: "status", status: 502, cors: false }),
  passing("refuses connections", { kind: "down", ms: 700 }),
  passing("closes at once", { kind: "closed", when: "at once" }, { times: 2 }),
  passing("closes before the answer", { kind: "closed", when: "read" }),
  passing("closes in the middle of the answer", { kind: "closed", when: "mid-answer" }),
  passing("stores the spans but loses its answer", { kind: "closed", when: "stored" }, { times: 2 }),
  passing("never answers", { kind: "hang" }, { plan: HUNG }),
  passing("answers slowly", { kind: "slow", ms: 1500 }),
  passing("answers 200 with a web page", { kind: "malformed", status: 200, what: "a web page" }),
  passing("answers 200 with random bytes", { kind: "malformed", status: 200, what: "random bytes" }),
  passing("answers 200 with JSON cut off", { kind: "malformed", status: 200, what: "JSON cut off" }),
  passing("answers 200 with 50 MB", { kind: "malformed", status: 200, what: "50 MB" }),
  passing("redirects in a circle", { kind: "redirect", status: 307, to: "itself" }),
  passing("redirects to another path, keeping the method", { kind: "redirect", status: 308, to: "elsewhere" }),
  passing("redirects to another path, losing the method", { kind: "redirect", status: 302, to: "elsewhere" }),
  ...[400, 422].map((code) =>
    passing(`answers ${code} once to any request`, status(code), { expected: "what is not counted as dropped" }),
  ),
  passing("answers 404 once", status(404), { expected: "what is not counted as dropped" }),
  ...[401, 403, 405, 407, 410, 501].map((code) => passing(`answers ${code} twice`, status(code), { times: 2 })),
  passing("answers 404 three times", status(404), { times: 3 }),
  ...[401, 403].map((code) =>
    always(
      `answers ${code} until it gets the right credentials`,
      { authorization: { value: "Bearer right", status: code } },
      "everything",
      {
        ...PLAN,
        init: { headers: { authorization: "Bearer wrong" } },
        fixedInit: { headers: { authorization: "Bearer right" } },
      },
    ),
  ),
  always("answers 413 to more than 24 kB", { largestBodyBytes: 24_000 }, "everything", LARGE),
  always("answers 413 to more than one span has", { largestBodyBytes: 2_000 }, "everything", {
    ...LARGE,
    patienceMs: 120_000,
  }),
  always("answers 413 to more than a quarter of one span", { largestBodyBytes: 50_000 }, "everything", HUGE),
  ...[400, 415, 500].map((code) =>
    always(`takes no packed bodies (${code})`, { packedStatus: code }, "everything", LARGE),
  ),
  ...[500, 502, "closed"].map((code) =>
    always(
      `${code === "closed" ? "closes the connection" : `answers ${code}`} on batches that have one poisoned span`,
      { poison: { text: REJECTED_TEXT, status: code === "closed" ? 0 : Number(code) } },
      "everything but the poisoned traces, which wait",
      { ...PLAN, rejectedText: REJECTED_TEXT, patienceMs: 45_000 },
    ),
  ),
  ...[400, 422].map((code) =>
    always(
      `answers ${code} to batches that have one rejected span`,
      { poison: { text: REJECTED_TEXT, status: code } },
      "everything but the rejected",
      { ...PLAN, rejectedText: REJECTED_TEXT },
    ),
  ),
  always(
    "takes all spans but the rejected ones, and reports their number",
    { leftOut: REJECTED_TEXT },
    "everything but the rejected",
    {
      ...PLAN,
      rejectedText: REJECTED_TEXT,
    },
  ),
  {
    name: "fails while the experiment is looked up",
    script: { steps: [{ fault: status(503), of: "experiment", times: 2 }] },
    plan: PLAN,
    expected: "everything",
  },
  {
    name: "sends malformed responses while the experiment is looked up",
    script: { steps: [{ fault: { kind: "malformed", status: 502, what: "a web page" }, of: "experiment" }] },
    plan: PLAN,
    expected: "everything",
  },
];

/** The number of random mixtures of a run; each runs in every host. */
const MIXTURES = 3;

/** Mixtures drawn from `seed`. */
export function mixedCases(seed: number): Case[] {
  const random = seededRandom(seed);
  return Array.from({ length: MIXTURES }, (_, index) => {
    const script = mixture(random);
    // A page that takes lost answers for refused preflights sends whole traces, which cannot be made smaller.
    const expected = script.largestBodyBytes === undefined ? "everything" : "what is not counted as dropped";
    return {
      name: `mixture ${index + 1}`,
      script,
      plan: { ...(random(2) === 0 ? PLAN : LARGE), patienceMs: 50_000 },
      expected,
      isMixed: true,
    };
  });
}
