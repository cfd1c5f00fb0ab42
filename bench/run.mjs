/**
 * The whole benchmark, started by `cargo xtask bench`:
 * `node bench/run.mjs --package FOLDER --peers FOLDER --work FOLDER [--quick] [--instructions] [--nice=N]
 * [--only PEER,…] [--rounds N] [--reps N]`.
 */

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { here, makeColdModule, makePrograms, weigh } from "./lib/bundle.mjs";
import { checkBytes, checkOurs } from "./lib/check.mjs";
import { hurried, startChromium } from "./lib/chromium.mjs";
import { coldNode, hosts } from "./lib/hosts.mjs";
import { findCounter, instructionJobs } from "./lib/instructions.mjs";
import { machine } from "./lib/machine.mjs";
import { drawPlots } from "./lib/plots.mjs";
import { AIMED, OURS, PEERS } from "./lib/peers.mjs";
import { report } from "./lib/report.mjs";
import { wireIn, withWire } from "./lib/wire-section.mjs";

/** Our agents, whose conversations are measured with tracing off and on. */
const AGENTS = "agents";
const CHECK_TURNS = 20;
const CHECK_CHATS = 3;

const { values: given } = parseArgs({
  options: {
    package: { type: "string" },
    peers: { type: "string" },
    work: { type: "string" },
    quick: { type: "boolean", default: false },
    instructions: { type: "boolean", default: false },
    nice: { type: "string", default: "0" },
    only: { type: "string" },
    rounds: { type: "string" },
    reps: { type: "string" },
  },
});

const FULL = {
  rounds: 3,
  roundsOfOthers: 2,
  reps: 3,
  cold: 3,
  drop: [10, 100, 300, 1000],
  serialise: [10, 100, 300],
  warmMs: 1500,
  targetMs: 40,
  chats: 1000,
  agentTurns: 50,
  agentChats: 10,
  structures: { reps: 5, warm: 8 },
  memory: 3,
  longTurns: 1000,
};
const QUICK = {
  rounds: 1,
  roundsOfOthers: 1,
  reps: 1,
  cold: 1,
  drop: [10, 100],
  serialise: [10],
  warmMs: 50,
  targetMs: 10,
  chats: 50,
  agentTurns: 10,
  agentChats: 2,
  structures: { reps: 1, warm: 1 },
  memory: 1,
  longTurns: 100,
};
const plan = { ...(given.quick ? QUICK : FULL) };
for (const name of ["rounds", "reps"]) if (given[name] !== undefined) plan[name] = Number(given[name]);
const nice = Number(given.nice);
const packages = [given.package, given.peers];
const results = { cost: {}, concurrency: {}, structures: {}, agents: {}, memory: {}, size: {}, cold: {}, hook: {} };
results.problems = [];
const peers = given.only === undefined ? PEERS : PEERS.filter((peer) => given.only.split(",").includes(peer));

const began = Date.now();
const log = (text) => console.log(`${String(Math.round((Date.now() - began) / 1000)).padStart(5)} s  ${text}`);

/** Runs a job; what fails is noted and leaves a gap in the tables. */
async function attempt(name, work) {
  try {
    const result = await work();
    if (result?.error !== undefined) throw new Error(result.error);
    return result;
  } catch (error) {
    results.problems.push(`${name}: ${String(error.message).slice(0, 300)}`);
    log(`! ${name}: ${error.message}`);
    return undefined;
  }
}

/** Nested lists, created when they are first used. */
function listAt(tree, ...path) {
  const last = path.pop();
  let node = tree;
  for (const step of path) node = node[step] ??= {};
  return (node[last] ??= []);
}

/** The results of a round, marked as such. */
const ofRound = (round, list) => list.map((item) => ({ ...item, round }));

/** Counts the instructions of what the noise of a machine hides most. */
async function countInstructions() {
  const counter = await findCounter();
  if (counter === undefined) return void results.problems.push("instructions: neither perf nor valgrind counts here");
  const { name: tool, each } = counter;
  results.instructions = { tool, each: {} };
  for (const [what, column, program, spans, job] of instructionJobs(AGENTS)) {
    log(`instructions: ${what}, ${column}`);
    const counted = await attempt(`instructions of ${what}, ${column}`, () => each(programs[program].node, job));
    if (counted !== undefined) (results.instructions.each[what] ??= {})[column] = counted / spans;
  }
}

log(`bundling ${peers.length} peers`);
const programs = {};
for (const peer of [...peers, AGENTS])
  programs[peer] = await makePrograms(peer, packages, join(given.work, "programs"));
const chromium =
  process.env.CHROMIUM === undefined ? undefined : await startChromium(hurried(process.env.CHROMIUM, nice, given.work));
const run = hosts({ deno: process.env.DENO, bun: process.env.BUN }, nice, chromium);

try {
  log("checking that every peer exports everything");
  for (const host of Object.keys(run)) {
    for (const peer of peers) {
      const checked = await attempt(`check of ${peer} in ${host}`, () =>
        run[host](programs[peer], { job: "check", turns: CHECK_TURNS, keepBodies: peer === OURS }),
      );
      if (checked === undefined) continue;
      checkBytes(peer, checked, CHECK_TURNS, CHECK_CHATS);
      if (peer === OURS) checkOurs(checked, CHECK_TURNS, CHECK_CHATS);
    }
  }

  // Every round measures the peers of the targets, and the first rounds all peers, so that a disturbance of the machine
  // affects all alike.
  for (let round = 1; round <= plan.rounds; round++) {
    for (const mode of ["drop", "serialise"]) {
      for (const host of Object.keys(run)) {
        log(`round ${round} of ${plan.rounds}: ${mode} in ${host}`);
        for (const peer of peers) {
          // Targets are made of three of them; of the others one repetition in two rounds will do.
          const isAimed = AIMED.includes(peer);
          if (!isAimed && round > plan.roundsOfOthers) continue;
          const reps = isAimed ? plan.reps : 1;
          // And one of their longest chat, which takes them seconds.
          const turns = plan[mode].filter((count) => isAimed || round === 1 || count < plan.longTurns);
          const job = { job: "cost", mode, turns, reps, warmMs: plan.warmMs, targetMs: plan.targetMs };
          const measured = await attempt(`${mode} of ${peer} in ${host}`, () => run[host](programs[peer], job));
          for (const [turns, list] of Object.entries(measured ?? {}))
            listAt(results.cost, mode, host, peer, turns).push(...ofRound(round, list));
        }
      }
    }
    for (const host of Object.keys(run)) {
      log(`round ${round}: many chats at once, hooks, agents and structured data in ${host}`);
      for (const peer of peers.filter((peer) => AIMED.includes(peer))) {
        const many = await attempt(`many chats of ${peer} in ${host}`, () =>
          run[host](programs[peer], { job: "concurrency", chats: plan.chats, turns: 10, reps: plan.reps }),
        );
        for (const [way, list] of Object.entries(many ?? {}))
          listAt(results.concurrency, host, peer, way).push(...ofRound(round, list));
      }
      const hooked = await attempt(`hooks in ${host}`, () =>
        run[host](programs[OURS], { job: "hook", reps: plan.reps, calls: 1_000_000 }),
      );
      if (hooked !== undefined) listAt(results.hook, host).push(...ofRound(round, hooked));
      const talked = await attempt(`agents in ${host}`, () =>
        run[host](programs[AGENTS], {
          job: "agents",
          turns: plan.agentTurns,
          chats: plan.agentChats,
          reps: plan.reps,
          warmMs: plan.warmMs,
        }),
      );
      if (talked !== undefined) listAt(results.agents, host).push(...talked);
      const captured = await attempt(`structured data in ${host}`, () =>
        run[host](programs[OURS], { job: "structures", ...plan.structures }),
      );
      for (const [name, list] of Object.entries(captured ?? {})) listAt(results.structures, host, name).push(...list);
    }
  }

  if (given.instructions) await countInstructions();

  log("memory");
  for (let at = 0; at < plan.memory; at++) {
    for (const peer of peers) {
      const kept = await attempt(`memory of ${peer}`, () =>
        run.node(programs[peer], { job: "memory", turns: 200, chats: 4 }),
      );
      if (kept !== undefined) listAt(results.memory, peer).push(kept.bytes);
    }
  }

  log("sizes and cold starts");
  const modules = {};
  for (const peer of peers) {
    results.size[peer] = await weigh(peer, packages);
    modules[peer] = {
      node: await makeColdModule(peer, packages, "node"),
      chromium: await makeColdModule(peer, packages, "browser"),
    };
  }
  for (let at = 0; at < plan.cold; at++) {
    for (const peer of peers) {
      const inNode = await attempt(`cold start of ${peer} in node`, () => coldNode(modules[peer].node, nice));
      if (inNode !== undefined) listAt(results.cold, "node", peer).push(inNode);
      const inPage =
        chromium && (await attempt(`cold start of ${peer} in chromium`, () => chromium.cold(modules[peer].chromium)));
      if (inPage !== undefined) listAt(results.cold, "chromium", peer).push(inPage);
    }
  }

  if (chromium !== undefined) {
    log(`one chat of ${plan.longTurns} turns in a page`);
    results.long = await attempt("long chat", () => chromium.tasks(programs[OURS].browser, plan.longTurns));
  }
} finally {
  await chromium?.close();
}

results.machine = await machine({
  chromium: chromium?.version,
  peers: given.peers,
  quick: given.quick,
  seconds: Math.round((Date.now() - began) / 1000),
});
mkdirSync(given.work, { recursive: true });
writeFileSync(join(given.work, "results.json"), JSON.stringify(results));
const text = report(results, plan);
console.log(`\n${text}`);
// The results of a smoke run are not stored.
if (!given.quick && given.only === undefined) {
  const stored = join(here, "RESULTS.md");
  writeFileSync(stored, withWire(text, wireIn(readFileSync(stored, "utf8"))));
  drawPlots(results, join(here, "plots"));
}
if (results.problems.length > 0) process.exitCode = 1;
