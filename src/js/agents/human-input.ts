/** Asking a person (AG2: `ConversableAgent.get_human_input`; io/console.py). */

import type { Agent } from "./agent.js";
import { agentState } from "./agent-state.js";
import type { ConversableAgent } from "./conversable-agent.js";
import { AgentError } from "./errors.js";
import { type CallContext, listenerOf, OpenScope, orAborted, within } from "./scope.js";
import type { StdinLines } from "./console/stdin-lines.js";

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
      const typed = await orAborted(() => agent.getHumanInput(prompt, inner), inner);
      const reply = await hooks.passOrThrow("safeguardHumanInputs", typed, inner);
      humanInput.push(reply);
      return reply;
    },
    (reply) => ({ reply }),
  );
}

/** A question to a person, for whoever shows it. */
export interface HumanInputRequest {
  /** What to ask, in AG2's words. */
  readonly prompt: string;
  /** The agent that asks. */
  readonly agent: Agent;
  /** The other side of the conversation. */
  readonly sender: Agent | undefined;
  /** Ends when nobody waits for the reply any more. */
  readonly signal: AbortSignal | undefined;
  /** Gives the reply: "exit" ends the conversation, an empty text lets the agent go on by itself. Counts once. */
  respond(reply: string): void;
}

/**
 * A `getHumanInput` for pages: `show` puts the question where the person sees it, and the agent waits
 * until `respond` is called.
 *
 * @example
 * const [form, label, field] = [document.forms[0]!, document.querySelector("label")!, document.querySelector("input")!];
 * const user = new UserProxyAgent({
 *   name: "user",
 *   getHumanInput: humanInput(({ prompt, respond }) => {
 *     label.textContent = prompt;
 *     form.onsubmit = (event) => (event.preventDefault(), respond(field.value));
 *   }),
 * });
 */
export function humanInput(show: (request: HumanInputRequest) => void): HumanInputFunction {
  return (prompt, { agent, sender, signal }) => new Promise((resolve) => show({ prompt, agent, sender, signal, respond: resolve }));
}

/** Asks whoever follows the run that this is part of, else on the terminal. */
export function askHost(prompt: string, context: CallContext): Promise<string> {
  return listenerOf(context.scope)?.ask(prompt, context) ?? askOnTerminal(prompt, context.signal);
}

let terminal: () => StdinLines | undefined = () => undefined;

/** Lets `askOnTerminal` read the lines that `newTerminal` finds, where there are any. */
export function askOnTerminalBy(newTerminal: () => StdinLines | undefined): void {
  terminal = newTerminal;
}

/**
 * Asks on the terminal of Node, Deno or Bun, or with the browser's `prompt` dialog. Cancelling the
 * dialog means "exit".
 *
 * @throws AgentError where there is no way to ask
 */
export async function askOnTerminal(prompt: string, signal: AbortSignal | undefined): Promise<string> {
  const lines = terminal();
  if (lines !== undefined) return lines.ask(prompt, signal);
  if (typeof globalThis.prompt === "function") return globalThis.prompt(prompt) ?? "exit";
  throw new AgentError("missing_human_input", 'nobody can be asked: give `getHumanInput`, or `humanInputMode: "NEVER"`');
}
