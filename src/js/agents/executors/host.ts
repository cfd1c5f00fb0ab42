/**
 * The modules of Node.js (Deno and Bun have them too) for running commands, looked up at run time, so that other
 * hosts can load this file.
 */

import { AgentError } from "../util/errors.js";

/** A started process. */
export interface Child {
  readonly pid?: number | undefined;
  readonly stdout: Output;
  readonly stderr: Output;
  on(event: "error", listener: (error: Error) => void): void;
  on(event: "close", listener: (exitCode: number | null, signal: string | null) => void): void;
  kill(signal: "SIGKILL"): boolean;
}

interface Output {
  setEncoding(encoding: "utf8"): void;
  on(event: "data", listener: (text: string) => void): void;
  destroy(): void;
}

/** Options for starting a process. */
export interface SpawnOptions {
  cwd: string;
  env: Readonly<Record<string, string | undefined>>;
  stdio: readonly ["ignore", "pipe", "pipe"];
  detached: boolean;
}

/** The modules of the host. */
export interface Host {
  process: {
    readonly platform: string;
    readonly execPath: string;
    readonly env: Readonly<Record<string, string | undefined>>;
    kill(pid: number, signal: "SIGKILL"): void;
  };
  childProcess: { spawn(command: string, args: readonly string[], options: SpawnOptions): Child };
  files: {
    mkdir(path: string, options: { recursive: true }): Promise<unknown>;
    mkdtemp(prefix: string): Promise<string>;
    rm(path: string, options: { recursive: true; force: true }): Promise<void>;
    lstat(path: string): Promise<{ isFile(): boolean; isDirectory(): boolean; isSymbolicLink(): boolean }>;
    realpath(path: string): Promise<string>;
    writeFile(path: string, text: string): Promise<void>;
  };
  path: {
    dirname(path: string): string;
    isAbsolute(path: string): boolean;
    join(...parts: string[]): string;
    relative(from: string, to: string): string;
    resolve(...parts: string[]): string;
  };
  temporaryFolder(): string;
}

/** Finds the modules of the host. @throws AgentError in hosts without them */
export function host(): Host {
  const { process } = globalThis as { process?: Host["process"] & { getBuiltinModule?: (name: string) => unknown } };
  if (typeof process?.getBuiltinModule !== "function") {
    throw new AgentError(
      "not_supported",
      "commands cannot be run here: that needs Node.js 20.16, Deno 2.1, Bun 1.1 or newer; " +
        "elsewhere give an `executor` of your own",
    );
  }
  const module = (name: string): never => process.getBuiltinModule?.(name) as never;
  const { tmpdir } = module("node:os") as { tmpdir: () => string };
  return {
    process,
    childProcess: module("node:child_process"),
    files: module("node:fs/promises"),
    path: module("node:path"),
    temporaryFolder: tmpdir,
  };
}
