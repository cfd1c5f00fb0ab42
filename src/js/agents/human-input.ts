/** Asking a person (AG2: `ConversableAgent.get_human_input`; io/console.py). */

import type { ConversableAgent } from "./conversable-agent.js";
import { agentState } from "./agent-state.js";
import { AgentError } from "./errors.js";
import { type CallContext, OpenScope, orAborted, within } from "./scope.js";

/** Gets a line from a person. "exit" ends the conversation, an empty line skips. */
export type HumanInputFunction = (prompt: string, context: CallContext) => string | Promise<string>;

/** Asks the person behind `agent`, and keeps the answer for the chat's result. */
export function askHuman(agent: ConversableAgent, prompt: string, context: CallContext): Promise<string> {
  const scope = new OpenScope("humanInput", context.scope, { agent, prompt });
  return within(
    scope,
    async () => {
      const { hooks, humanInput } = agent[agentState];
      const inner = { ...context, scope };
      const typed = await orAborted(() => agent.getHumanInput(prompt, inner), context.signal);
      const reply = await hooks.passOrThrow("safeguardHumanInputs", typed, inner);
      humanInput.push(reply);
      return reply;
    },
    (reply) => ({ reply }),
  );
}

interface ReadlineModule {
  createInterface(options: { input: unknown; output: unknown }): { question(prompt: string, options?: { signal?: AbortSignal }): Promise<string>; close(): void };
}

interface NodeProcess {
  getBuiltinModule?(name: string): unknown;
  stdin?: unknown;
  stdout?: unknown;
}

/**
 * Asks on the terminal of Node, Deno or Bun, or with the browser's `prompt` dialog. Cancelling the
 * dialog means "exit". (The host's module is looked up at run time: pages have none.)
 *
 * @throws AgentError where there is no way to ask
 */
export async function askOnTerminal(prompt: string, signal: AbortSignal | undefined): Promise<string> {
  const { process } = globalThis as { process?: NodeProcess };
  const readline = process?.getBuiltinModule?.("node:readline/promises") as ReadlineModule | undefined;
  if (process !== undefined && readline !== undefined) {
    const terminal = readline.createInterface({ input: process.stdin, output: process.stdout });
    try {
      return await terminal.question(prompt, signal ? { signal } : {});
    } finally {
      terminal.close();
    }
  }
  if (typeof globalThis.prompt === "function") return globalThis.prompt(prompt) ?? "exit";
  throw new AgentError("missing_human_input", 'there is nobody to ask here: give the agent `getHumanInput`, or `humanInputMode: "NEVER"`');
}
