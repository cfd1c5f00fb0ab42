// Processes of a measurement: started, asked, and ended with it; their CPU time and that of their children.

import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

const TICKS_PER_SECOND = 100;
const running = new Set();
process.once("exit", () => running.forEach((child) => child.kill("SIGKILL")));

/** A child process whose lines can be waited for. */
export function start(program, parameters, { cwd, env = {} } = {}) {
  const child = spawn(program, parameters, { cwd, env: { ...process.env, ...env }, stdio: ["pipe", "pipe", "pipe"] });
  running.add(child);
  let printed = "";
  let errors = "";
  const waiting = new Set();
  const look = () => waiting.forEach((check) => check());
  child.stdout.setEncoding("utf8").on("data", (text) => ((printed += text), look()));
  child.stderr.setEncoding("utf8").on("data", (text) => (errors = (errors + text).slice(-20_000)));
  child.once("close", () => (running.delete(child), look()));
  return {
    pid: child.pid,
    say: (line) => child.stdin.write(`${line}\n`),
    stop: () =>
      new Promise((resolve) => {
        if (!running.has(child)) return resolve();
        child.once("close", resolve);
        child.kill("SIGTERM");
      }),
    /** The first group of a pattern in what it prints. */
    line: (pattern) =>
      new Promise((resolve, reject) => {
        const check = () => {
          const found = pattern.exec(printed);
          if (found === null && running.has(child)) return;
          waiting.delete(check);
          if (found === null) reject(new Error(`${program} ended without ${pattern}: ${errors}`));
          else resolve(found[1]);
        };
        waiting.add(check);
        check();
      }),
  };
}

/** The seconds of CPU time that a process and its descendants have used, as far as they still run. */
export function cpuSeconds(pid) {
  const children = new Map();
  const ticks = new Map();
  for (const name of readdirSync("/proc").filter((entry) => /^\d+$/.test(entry))) {
    try {
      const fields = readFileSync(`/proc/${name}/stat`, "utf8")
        .replace(/^.*\) /, "")
        .split(" ");
      const parent = Number(fields[1]);
      children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
      // Its own time, and that of the children that have ended.
      ticks.set(
        Number(name),
        [11, 12, 13, 14].reduce((sum, at) => sum + Number(fields[at]), 0),
      );
    } catch {
      // It has ended meanwhile.
    }
  }
  const sum = (id) => (children.get(id) ?? []).reduce((total, child) => total + sum(child), ticks.get(id) ?? 0);
  return sum(pid) / TICKS_PER_SECOND;
}
