/** Input from a person (AG2: `ConversableAgent.get_human_input`; io/console.py). */

import type { Agent, CallContext } from "../types.js";
import { agentState } from "./agent-state.js";
import type { ConversableAgent } from "./conversable-agent.js";
import { AgentError } from "../util/errors.js";
import { listenerOf, OpenScope, raceAbort, runOperation } from "../observe/scope.js";
import type { StdinLines } from "../console/stdin-lines.js";

/** Gets a reply from a person. "exit" ends the conversation, an empty reply skips. */
export type HumanInputFunction = (prompt: string, context: CallContext) => string | Promise<string>;

/** Asks the person behind `agent`, and records the reply for the chat's result. */
export function askHuman(agent: ConversableAgent, prompt: string, context: CallContext): Promise<string> {
  const scope = new OpenScope("humanInput", context.scope, { agent, prompt });
  return runOperation(
    scope,
    async () => {
      const { hooks, humanInput } = agent[agentState];
      const inner = { ...context, scope };
      const input = await raceAbort(() => agent.getHumanInput(prompt, inner), inner);
      const reply = await hooks.applyOrThrow("safeguardHumanInputs", input, inner);
      humanInput.push(reply);
      return reply;
    },
    (reply) => ({ reply }),
  );
}

/** A question to a person, for the code that shows it. */
export interface HumanInputRequest {
  /** The question, with AG2's text. */
  readonly prompt: string;
  /** The agent that asks. */
  readonly agent: Agent;
  /** The other side of the conversation. */
  readonly sender: Agent | undefined;
  /** The signal that aborts when the reply is no longer needed. */
  readonly signal: AbortSignal | undefined;
  /**
   * Sends the reply: "exit" ends the conversation, with an empty text the agent replies itself. Only the first call
   * counts.
   */
  respond(reply: string): void;
}

/**
 * A `getHumanInput` for pages: `show` shows the question to the person, and the agent waits until
 * `respond` is called.
 *
 * @example
 * const form = document.forms[0]!;
 * const label = document.querySelector("label")!;
 * const field = document.querySelector("input")!;
 * const user = new UserProxyAgent({
 *   name: "user",
 *   getHumanInput: humanInput(({ prompt, respond }) => {
 *     label.textContent = prompt;
 *     form.onsubmit = (event) => (event.preventDefault(), respond(field.value));
 *   }),
 * });
 */
export function humanInput(show: (request: HumanInputRequest) => void): HumanInputFunction {
  return (prompt, { agent, sender, signal }) =>
    new Promise((resolve) => show({ prompt, agent, sender, signal, respond: resolve }));
}

/** The default of `getHumanInput`: asks the listener of the run that this is part of, else on the terminal. */
export function defaultHumanInput(prompt: string, context: CallContext): Promise<string> {
  return listenerOf(context.scope)?.ask(prompt, context) ?? askOnTerminal(prompt, context.signal);
}

let terminal: () => StdinLines | undefined = () => undefined;

/** Sets the function that finds the lines of standard input for `askOnTerminal`. */
export function setTerminal(newTerminal: () => StdinLines | undefined): void {
  terminal = newTerminal;
}

/**
 * Asks on the terminal of Node, Deno or Bun, or with the browser's `prompt` dialog. Cancelling the
 * dialog means "exit".
 *
 * @throws AgentError in hosts that have neither
 */
export async function askOnTerminal(prompt: string, signal: AbortSignal | undefined): Promise<string> {
  const lines = terminal();
  if (lines !== undefined) return lines.ask(prompt, signal);
  if (typeof globalThis.prompt === "function") return globalThis.prompt(prompt) ?? "exit";
  throw new AgentError(
    "missing_human_input",
    'no person can be asked: give `getHumanInput`, or `humanInputMode: "NEVER"`',
  );
}
