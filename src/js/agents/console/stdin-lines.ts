/** Lines from standard input, for whoever asks; none is lost between two questions (AG2: io/console.py, Python's `input`). */

import { AgentError } from "../errors.js";

/** The part of Node's and Bun's `process` that is needed; Deno has it too. */
interface NodeProcess {
  readonly versions: { readonly node?: string };
  readonly stdin: {
    on(event: "data", listener: (piece: Uint8Array | string) => void): void;
    on(event: "end" | "error", listener: () => void): void;
    resume(): void;
    pause(): void;
    ref?(): void;
    unref?(): void;
  };
  readonly stdout: { write(text: string): void };
}

/** Deno's own standard input: null at its end. */
interface DenoStdin {
  read(buffer: Uint8Array): Promise<number | null>;
}

/** Reads while somebody waits, and lets the program end while nobody does. */
interface Input {
  resume(): void;
  pause(): void;
}

/** Gets what is read; `undefined` at the end. */
type Take = (piece: Uint8Array | string | undefined) => void;

function nodeInput({ stdin }: NodeProcess, take: Take): Input {
  stdin.on("data", take);
  stdin.on("end", () => take(undefined));
  stdin.on("error", () => take(undefined));
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

/** Deno does not end a program whose `process.stdin` is paused. Its own input is read only when needed. */
function denoInput(stdin: DenoStdin, take: Take): Input {
  let isWanted = false;
  let isReading = false;
  const read = async (): Promise<void> => {
    if (isReading) return;
    isReading = true;
    const buffer = new Uint8Array(16_384);
    const length = await stdin.read(buffer).catch(() => null);
    isReading = false;
    if (length === null) return take(undefined);
    take(buffer.subarray(0, length));
    if (isWanted) await read();
  };
  return {
    resume: () => {
      isWanted = true;
      void read();
    },
    pause: () => {
      isWanted = false;
    },
  };
}

/** Somebody who waits for a line. */
interface Waiting {
  resolve(line: string): void;
  reject(reason: unknown): void;
}

/**
 * Standard input, read once for the whole program. A pipe, or a terminal into which somebody pastes,
 * brings several lines in one piece: those that nobody has asked for yet are kept.
 */
export class StdinLines {
  readonly #input: Input;
  readonly #write: (text: string) => void;
  readonly #decoder = new TextDecoder();
  readonly #lines: string[] = [];
  readonly #waiting: Waiting[] = [];
  #rest = "";
  #isOver = false;

  constructor(makeInput: (take: Take) => Input, write: (text: string) => void) {
    this.#input = makeInput((piece) => this.#take(piece));
    this.#write = write;
  }

  /** The next line, without its end; the signal's reason, or an AgentError once the input is over. */
  async ask(prompt: string, signal: AbortSignal | undefined): Promise<string> {
    signal?.throwIfAborted();
    this.#write(prompt);
    const kept = this.#lines.shift();
    if (kept !== undefined) return kept;
    if (this.#isOver) throw inputIsOver();
    return new Promise((resolve, reject) => {
      const giveUp = (): void => this.#giveUp(waiting, signal?.reason);
      const stop = (): void => signal?.removeEventListener("abort", giveUp);
      const waiting: Waiting = { resolve: (line) => (stop(), resolve(line)), reject: (reason) => (stop(), reject(reason)) };
      signal?.addEventListener("abort", giveUp, { once: true });
      this.#waiting.push(waiting);
      this.#input.resume();
    });
  }

  #take(piece: Uint8Array | string | undefined): void {
    if (piece === undefined) return this.#end();
    const lines = (this.#rest + (typeof piece === "string" ? piece : this.#decoder.decode(piece, { stream: true }))).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) this.#hand(line.endsWith("\r") ? line.slice(0, -1) : line);
  }

  #hand(line: string): void {
    const first = this.#waiting.shift();
    if (first === undefined) this.#lines.push(line);
    else first.resolve(line);
    this.#pause();
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    if (this.#rest !== "") this.#hand(this.#rest);
    for (const waiting of this.#waiting.splice(0)) waiting.reject(inputIsOver());
  }

  #giveUp(waiting: Waiting, reason: unknown): void {
    const index = this.#waiting.indexOf(waiting);
    if (index < 0) return;
    this.#waiting.splice(index, 1);
    this.#pause();
    waiting.reject(reason);
  }

  /** With nobody waiting, the program may end. */
  #pause(): void {
    if (this.#waiting.length === 0) this.#input.pause();
  }
}

let lines: StdinLines | undefined;

/** Standard input's lines, or `undefined` in pages and Workers. */
export function stdinLines(): StdinLines | undefined {
  const { process, Deno: deno } = globalThis as { process?: Partial<NodeProcess>; Deno?: { stdin: DenoStdin } };
  // Some bundlers put a `process` into pages that only holds the environment.
  if (process?.versions?.node === undefined || typeof process.stdin?.on !== "function") return undefined;
  const node = process as NodeProcess;
  return (lines ??= new StdinLines((take) => (deno === undefined ? nodeInput(node, take) : denoInput(deno.stdin, take)), (text) => node.stdout.write(text)));
}

function inputIsOver(): AgentError {
  return new AgentError("missing_human_input", 'a person is to be asked, but standard input is over: give the agent `getHumanInput`, or `humanInputMode: "NEVER"`');
}
