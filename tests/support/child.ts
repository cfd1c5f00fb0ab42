/** Child processes that are always ended, with their output in the error if they fail. */

import { type ChildProcess, spawn } from "node:child_process";

/** How to start a child. */
export interface ChildOptions {
  cwd: string;
  /** Added to `plainEnvironment()`. */
  environment?: Record<string, string>;
  /** Written to its standard input. */
  input?: string;
  /** It is killed after this long. */
  timeoutMs?: number;
}

/** What a finished child left. */
export interface Finished {
  /** Its exit status; `null` when it was killed. */
  code: number | null;
  stdout: string;
  stderr: string;
}

/** This process's environment without variables that would change a test: proxies, MLflow, OpenTelemetry. */
export function plainEnvironment(added: Record<string, string> = {}): Record<string, string> {
  const kept = Object.entries(process.env).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined && !/_proxy$|^OTEL_|^MLFLOW_(?!AG2_(?:OLD_|NEW_)?PYTHON)|^NODE_TEST/i.test(entry[0]),
  );
  return {
    ...Object.fromEntries(kept),
    MLFLOW_DISABLE_TELEMETRY: "true",
    DO_NOT_TRACK: "true",
    NO_PROXY: "127.0.0.1,localhost",
    ...added,
  };
}

/** Runs a program to its end. */
export function run(program: string, parameters: readonly string[], options: ChildOptions): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, parameters, { cwd: options.cwd, env: plainEnvironment(options.environment) });
    const deadline = setTimeout(() => child.kill("SIGKILL"), options.timeoutMs ?? 120_000);
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    child.once("error", reject);
    child.once("close", (code) => {
      clearTimeout(deadline);
      resolve({ code, stdout, stderr });
    });
    child.stdin.on("error", () => undefined); // it may end without reading
    child.stdin.end(options.input ?? "");
  });
}

/** Like `run`, but a failure of the program is a failure here. Gives its standard output. */
export async function runOrThrow(
  program: string,
  parameters: readonly string[],
  options: ChildOptions,
): Promise<string> {
  const { code, stdout, stderr } = await run(program, parameters, options);
  if (code !== 0)
    throw new Error(`\`${program} ${parameters.join(" ")}\` ended with ${code ?? "a signal"}\n${stdout}\n${stderr}`);
  return stdout;
}

const running = new Set<Service>();

process.once("exit", () => {
  for (const service of running) service.kill();
});

/** A child that runs until it is stopped, or until this process ends. */
export class Service {
  /** Everything it has printed. */
  printed = "";
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;

  constructor(program: string, parameters: readonly string[], options: ChildOptions) {
    // Its own process group, because servers have workers, and all of them must go.
    this.#child = spawn(program, parameters, {
      cwd: options.cwd,
      env: plainEnvironment(options.environment),
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => (this.printed += text));
    }
    this.#ended = new Promise((resolve) => {
      this.#child.once("close", () => resolve());
      this.#child.once("error", (error) => {
        this.printed += String(error);
        resolve();
      });
    });
    running.add(this);
  }

  /** Whether it has ended by itself. */
  get ended(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null || this.#child.pid === undefined;
  }

  /** Waits until `condition` gives a value; fails when the child ends before that or the time is over. */
  async until<T>(condition: () => Promise<T | undefined> | T | undefined, timeoutMs: number): Promise<T> {
    const end = Date.now() + timeoutMs;
    for (;;) {
      const value = await condition();
      if (value !== undefined) return value;
      if (this.ended || Date.now() > end) {
        await this.stop();
        throw new Error(`a test server did not start:\n${this.printed}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  /** Ends it and all its children. */
  async stop(): Promise<void> {
    running.delete(this);
    this.kill();
    await this.#ended;
  }

  /** Ends it without waiting for that. */
  kill(): void {
    try {
      if (this.#child.pid !== undefined) process.kill(-this.#child.pid, "SIGKILL");
    } catch {
      // The group is gone already.
    }
  }
}
