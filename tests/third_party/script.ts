/** A scripted model for third-party agent libraries. */

/** What one call of the model gives: a text, calls of tools, or an error that it throws. */
export type Line = string | { calls: { name: string; args: unknown; id?: string }[] } | Error;

/** A completion in OpenAI's shape. */
export interface Completion {
  id: string;
  object: "chat.completion";
  model: string;
  choices: {
    index: number;
    finish_reason: string;
    message: { role: "assistant"; content: string | null; tool_calls?: ToolCall[] };
  }[];
  usage: { prompt_tokens: number; completion_tokens: number; total_tokens: number };
}

export interface ToolCall {
  id: string;
  type: "function";
  function: { name: string; arguments: string };
}

export interface Request {
  model: string;
  messages: readonly unknown[];
  tools?: readonly unknown[];
}

/** Everything that happened, in order: what a program with tracing must have in common with the same one without. */
export type Log = string[];

let ticks = 0;

/** A log that notes the time in the smallest unit that a program can see: the number of microtasks. */
export function newLog(): Log {
  const log: Log = [];
  log.push = (...lines) =>
    Array.prototype.push.apply(
      log,
      lines.map((line) => `${line} @${ticks}`),
    );
  return log;
}

/** Counts time while `work` runs. */
export async function timed<T>(work: () => Promise<T>): Promise<T> {
  ticks = 0;
  let isOver = false;
  const count = async (): Promise<void> => {
    while (!isOver) {
      await Promise.resolve();
      ticks += 1;
      // Timers and the network must get their turn.
      if (ticks % 1_000 === 0) await new Promise((resolve) => setTimeout(resolve, 0));
    }
  };
  void count();
  try {
    return await work();
  } finally {
    isOver = true;
  }
}

/** An object in the shape of the `openai` package's client, with scripted responses. */
export class ScriptedOpenAI {
  readonly chat = { completions: new ScriptedCompletions(this) };
  readonly #lines: Line[];
  readonly #log: Log;
  #count = 0;

  constructor(lines: readonly Line[], log: Log) {
    this.#lines = [...lines];
    this.#log = log;
  }

  async answer({ model, messages }: Request): Promise<Completion> {
    this.#count += 1;
    this.#log.push(`model ${this.#count}: ${messages.length} messages`);
    await Promise.resolve();
    const line = this.#lines.shift();
    if (line === undefined) throw new Error("the script is over");
    if (line instanceof Error) throw line;
    const calls = typeof line === "string" ? undefined : line.calls;
    return {
      id: `completion-${this.#count}`,
      object: "chat.completion",
      model,
      choices: [
        {
          index: 0,
          finish_reason: calls === undefined ? "stop" : "tool_calls",
          message: {
            role: "assistant",
            content: typeof line === "string" ? line : null,
            ...(calls !== undefined && {
              tool_calls: calls.map(({ name, args, id }, index) => ({
                id: id ?? `call-${this.#count}-${index}`,
                type: "function" as const,
                function: { name, arguments: JSON.stringify(args) },
              })),
            }),
          },
        },
      ],
      usage: { prompt_tokens: 10 * messages.length, completion_tokens: 5, total_tokens: 10 * messages.length + 5 },
    };
  }
}

class ScriptedCompletions {
  readonly #client: ScriptedOpenAI;

  constructor(client: ScriptedOpenAI) {
    this.#client = client;
  }

  create(request: Request): Promise<Completion> {
    return this.#client.answer(request);
  }
}
