/**
 * Counts the instructions of a job in Node, which other programs of the machine hardly change: by `perf stat` where the
 * machine has a counter, else by Valgrind, which takes some fifty times as long as the program.
 *
 * A job runs so many times, and twice as many in another process: the difference has neither the start of the process
 * nor the work of the compiler on code that is new. Node compiles and collects garbage on its main thread, so that the
 * counts are nearly the same each time.
 */

import { execFile } from "node:child_process";
import { FLOOR, OURS } from "./peers.mjs";
import { spansOf } from "./workload.mjs";

const LIMIT_MS = 900_000;
const CHATS = 200;
const TURNS = 10;

/** What is counted: a row and a column of the table, the program, the spans of one time, and the job. */
export function instructionJobs(agents) {
  const jobs = [];
  for (const peer of [OURS, FLOOR]) {
    // The floor writes down a long chat in a second, which takes Valgrind a minute.
    for (const [turns, times] of [
      [TURNS, 300],
      [1000, peer === OURS ? 3 : 1],
    ])
      jobs.push([`${turns} turns`, peer, peer, spansOf(turns), { kind: "chat", turns, times }]);
    for (const [what, kind] of [
      ["one by one", "alone"],
      ["at once", "together"],
    ])
      jobs.push([what, peer, peer, CHATS * spansOf(TURNS), { kind, turns: TURNS, chats: CHATS, times: 2 }]);
  }
  for (const [column, kind] of [
    ["off", "agentsOff"],
    ["on", "agentsOn"],
  ])
    jobs.push(["agents", column, agents, 1, { kind, turns: 50, times: 30 }]);
  return jobs;
}

const TOOLS = {
  "perf stat": {
    command: ["perf", "stat", "-x,", "-e", "instructions:u"],
    read: (text) => Number(/^(\d+),/m.exec(text)?.[1]),
  },
  callgrind: {
    command: ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", "--smc-check=all-non-file"],
    read: (text) => Number(/Collected : (\d+)/.exec(text)?.[1]),
  },
};

function count({ command: [program, ...words], read }, counted) {
  return new Promise((resolve, reject) => {
    execFile(
      program,
      [...words, ...counted],
      { timeout: LIMIT_MS, killSignal: "SIGKILL", maxBuffer: 2 ** 29 },
      (error, _, stderr) => {
        const instructions = read(stderr);
        if (!error && Number.isFinite(instructions)) resolve(instructions);
        else reject(new Error(`${error?.message ?? "no count"}: ${stderr.slice(-300)}`));
      },
    );
  });
}

/** The first tool that works here; `undefined` if none does. */
export async function findCounter() {
  for (const [name, tool] of Object.entries(TOOLS)) {
    const works = await count(tool, ["true"]).catch(() => undefined);
    if (works === undefined) continue;
    return {
      name,
      /** Instructions of one of `times` times of a job's work. */
      async each(program, { times, ...job }) {
        const run = (number) => {
          const given = JSON.stringify({ job: "steps", ...job, times: number, most: 2 * times });
          return count(tool, [process.execPath, "--single-threaded", program, given]);
        };
        const once = await run(times);
        return ((await run(2 * times)) - once) / times;
      },
    };
  }
  return undefined;
}
