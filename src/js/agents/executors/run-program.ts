/** One program, from its start to its end. */

import type { Host } from "./host.js";

/** What came of it. */
export interface ProgramResult {
  exitCode: number;
  stdout: string;
  stderr: string;
  isTimeout: boolean;
}

/** What a program prints beyond this is dropped: the other side could not read it anyway. */
const LONGEST_OUTPUT = 1_000_000;
/** Exit codes of Unix shells: a program that is not there, and one that was killed. */
const NOT_FOUND = 127;
const KILLED = 137;

/**
 * Runs a program to its end.
 *
 * @throws the signal's reason
 */
export function runProgram(
  { childProcess, process }: Host,
  program: string,
  args: readonly string[],
  { cwd, env, timeoutMs, signal }: { cwd: string; env: Readonly<Record<string, string | undefined>>; timeoutMs: number; signal: AbortSignal | undefined },
): Promise<ProgramResult> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    // A group of its own, so that what the code has started ends with it; Windows has no such groups.
    const isGroup = process.platform !== "win32";
    const child = childProcess.spawn(program, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"], detached: isGroup });
    const printed = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const) {
      child[name].setEncoding("utf8");
      child[name].on("data", (text) => {
        printed[name] = (printed[name] + text).slice(0, LONGEST_OUTPUT);
      });
    }
    const end = (): void => {
      try {
        if (isGroup && child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
        else child.kill("SIGKILL");
      } catch {
        child.kill("SIGKILL");
      }
      // Whoever still holds the other ends of them must not keep us waiting.
      child.stdout.destroy();
      child.stderr.destroy();
    };
    const settle = (finish: () => void): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", stop);
      finish();
    };
    const stop = (): void => {
      end();
      settle(() => reject(signal?.reason));
    };
    const timer = setTimeout(() => {
      end();
      settle(() => resolve({ exitCode: KILLED, ...printed, isTimeout: true }));
    }, timeoutMs);
    signal?.addEventListener("abort", stop, { once: true });
    child.on("error", (error) => settle(() => resolve({ exitCode: NOT_FOUND, stdout: "", stderr: `cannot start \`${program}\`: ${error.message}`, isTimeout: false })));
    child.on("close", (exitCode) => settle(() => resolve({ exitCode: exitCode ?? KILLED, ...printed, isTimeout: false })));
  });
}
