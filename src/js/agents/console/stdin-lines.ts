/** Lines from standard input, buffered between two reads (AG2: io/console.py, Python's `input`). */

import { AgentError } from "../util/errors.js";

/** The used part of Node's and Bun's `process`; Deno has it too. */
interface NodeProcess {
  readonly versions: { readonly node?: string };
  readonly stdin: {
    on(event: "data", listener: (chunk: Uint8Array | string) => void): void;
    on(event: "end" | "error", listener: () => void): void;
    resume(): void;
    pause(): void;
    ref?(): void;
    unref?(): void;
  };
  readonly stdout: { write(text: string): void };
}

/** Deno's own standard input; `read` returns null at its end. */
interface DenoStdin {
  read(buffer: Uint8Array): Promise<number | null>;
}

/** An input that is read while resumed, and that keeps the program running only then. */
interface Input {
  resume(): void;
  pause(): void;
}

/** Receives the data that was read; `undefined` at the end. */
type OnData = (chunk: Uint8Array | string | undefined) => void;

function nodeInput({ stdin }: NodeProcess, onData: OnData): Input {
  stdin.on("data", onData);
  stdin.on("end", () => onData(undefined));
  stdin.on("error", () => onData(undefined));
  return {
    resume: () => {
      stdin.ref?.();
      stdin.resume();
    },
    pause: () => {
      stdin.pause();
      stdin.unref?.();
    },
  };
}

/** Deno's own input, since Deno does not end a program whose `process.stdin` is paused. */
function denoInput(stdin: DenoStdin, onData: OnData): Input {
  let isResumed = false;
  let isReading = false;
  const read = async (): Promise<void> => {
    if (isReading) return;
    isReading = true;
    const buffer = new Uint8Array(16_384);
    const length = await stdin.read(buffer).catch(() => null);
    isReading = false;
    if (length === null) return onData(undefined);
    onData(buffer.subarray(0, length));
    if (isResumed) await read();
  };
  return {
    resume: () => {
      isResumed = true;
      void read();
    },
    pause: () => {
      isResumed = false;
    },
  };
}

/** A pending read of a line. */
interface PendingRead {
  resolve(line: string): void;
  reject(reason: unknown): void;
}

/**
 * Standard input, read once for the whole program. A pipe, or a paste into a terminal, delivers
 * several lines in one chunk: those that are not read yet are buffered.
 */
export class StdinLines {
  readonly #input: Input;
  readonly #write: (text: string) => void;
  readonly #decoder = new TextDecoder();
  readonly #lines: string[] = [];
  readonly #pending: PendingRead[] = [];
  #rest = "";
  #hasEnded = false;

  constructor(makeInput: (onData: OnData) => Input, write: (text: string) => void) {
    this.#input = makeInput((chunk) => this.#onData(chunk));
    this.#write = write;
  }

  /** Reads the next line, without its end; throws the signal's reason, or an AgentError at the end of the input. */
  async ask(prompt: string, signal: AbortSignal | undefined): Promise<string> {
    signal?.throwIfAborted();
    this.#write(prompt);
    const buffered = this.#lines.shift();
    if (buffered !== undefined) return buffered;
    if (this.#hasEnded) throw inputEnded();
    return new Promise((resolve, reject) => {
      const cancel = (): void => this.#cancel(pending, signal?.reason);
      const stop = (): void => signal?.removeEventListener("abort", cancel);
      const pending: PendingRead = {
        resolve: (line) => {
          stop();
          resolve(line);
        },
        reject: (reason) => {
          stop();
          reject(reason);
        },
      };
      signal?.addEventListener("abort", cancel, { once: true });
      this.#pending.push(pending);
      this.#input.resume();
    });
  }

  #onData(chunk: Uint8Array | string | undefined): void {
    if (chunk === undefined) return this.#end();
    const lines = (
      this.#rest + (typeof chunk === "string" ? chunk : this.#decoder.decode(chunk, { stream: true }))
    ).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) this.#deliver(line.endsWith("\r") ? line.slice(0, -1) : line);
  }

  #deliver(line: string): void {
    const first = this.#pending.shift();
    if (first === undefined) this.#lines.push(line);
    else first.resolve(line);
    this.#pause();
  }

  #end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    if (this.#rest !== "") this.#deliver(this.#rest);
    for (const pending of this.#pending.splice(0)) pending.reject(inputEnded());
  }

  #cancel(pending: PendingRead, reason: unknown): void {
    const index = this.#pending.indexOf(pending);
    if (index < 0) return;
    this.#pending.splice(index, 1);
    this.#pause();
    pending.reject(reason);
  }

  /** Pauses the input if no read is pending, so that the program can end. */
  #pause(): void {
    if (this.#pending.length === 0) this.#input.pause();
  }
}

let lines: StdinLines | undefined;

/** Standard input's lines, or `undefined` in pages and Workers. */
export function stdinLines(): StdinLines | undefined {
  const { process, Deno: deno } = globalThis as { process?: Partial<NodeProcess>; Deno?: { stdin: DenoStdin } };
  // Some bundlers define a `process` in pages that has only the environment.
  if (process?.versions?.node === undefined || typeof process.stdin?.on !== "function") return undefined;
  const node = process as NodeProcess;
  return (lines ??= new StdinLines(
    (onData) => (deno === undefined ? nodeInput(node, onData) : denoInput(deno.stdin, onData)),
    (text) => node.stdout.write(text),
  ));
}

function inputEnded(): AgentError {
  return new AgentError(
    "missing_human_input",
    'a person is to be asked, but standard input is over: give the agent `getHumanInput`, or `humanInputMode: "NEVER"`',
  );
}
