/** Running of processes. */

import { messageOf } from "../util/errors.js";
import type { Child, Host } from "./host.js";

/** The result of a process. */
export interface ProgramResult {
  exitCode: number;
  stdout: string;
  stderr: string;
  isTimeout: boolean;
}

/** The number of characters after which output is dropped. */
const MAX_OUTPUT_LENGTH = 1_000_000;
/** The exit codes of Unix shells for a program that is not found, and for one that was killed. */
const NOT_FOUND = 127;
const KILLED = 137;

/**
 * Runs a process to its end.
 *
 * @throws the signal's reason
 */
export function runProgram(
  { childProcess, process }: Host,
  program: string,
  args: readonly string[],
  {
    cwd,
    env,
    timeoutMs,
    signal,
  }: {
    cwd: string;
    env: Readonly<Record<string, string | undefined>>;
    timeoutMs: number;
    signal: AbortSignal | undefined;
  },
): Promise<ProgramResult> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    // A process group, so that child processes of the code are killed with it. Windows has none.
    const isGroup = process.platform !== "win32";
    const cannotStart = (error: unknown): void =>
      resolve({
        exitCode: NOT_FOUND,
        stdout: "",
        stderr: `cannot start \`${program}\`: ${messageOf(error)}`,
        isTimeout: false,
      });
    let child: Child;
    try {
      child = childProcess.spawn(program, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"], detached: isGroup });
    } catch (error) {
      // An argument or variable that no process can have.
      return cannotStart(error);
    }
    const printed = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const) {
      child[name].setEncoding("utf8");
      child[name].on("data", (text) => {
        if (printed[name].length < MAX_OUTPUT_LENGTH)
          printed[name] = (printed[name] + text).slice(0, MAX_OUTPUT_LENGTH);
      });
    }
    const end = (): void => {
      try {
        if (isGroup && child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
        else child.kill("SIGKILL");
      } catch {
        child.kill("SIGKILL");
      }
      // Another process that still holds the pipes must not delay the end.
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
    child.on("error", (error) => settle(() => cannotStart(error)));
    child.on("close", (exitCode) =>
      settle(() => resolve({ exitCode: exitCode ?? KILLED, ...printed, isTimeout: false })),
    );
  });
}
