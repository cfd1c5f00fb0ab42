/** The functions an agent tries, one after the other, to make a reply (AG2: `ConversableAgent.register_reply`, `generate_reply`). */

import type { Agent } from "./agent.js";
import type { ConversableAgent } from "./conversable-agent.js";
import { AgentError } from "./errors.js";
import type { ChatMessage } from "./message.js";
import { type CallContext, calledWithin } from "./scope.js";

/** Whether the reply is final, and the reply; a final `undefined` or null ends the conversation without one. */
export type ReplyResult = readonly [isFinal: boolean, reply?: string | ChatMessage | null | undefined];

/** Makes a reply, or leaves it to the next function. `config` is what it was registered with. */
export type ReplyFunction = (
  recipient: ConversableAgent,
  messages: ChatMessage[],
  sender: Agent | undefined,
  config: unknown,
  context: CallContext,
) => ReplyResult | Promise<ReplyResult>;

/**
 * Whose messages a reply function answers: those of an agent, of an agent with that name, of agents
 * of that class, of agents for which the function returns true; null: when there is no sender. Of a
 * list one has to fit.
 */
export type ReplyTrigger =
  | Agent
  | string
  | (abstract new (...args: never[]) => Agent)
  | ((sender: Agent | undefined) => boolean)
  | null
  | readonly ReplyTrigger[];

/** How a reply function is registered. */
export interface RegisterReplyOptions {
  /** Its place in the chain, counted from 0 (the default: tried first). */
  position?: number | undefined;
  /** Handed to the function; a reset of the agent puts it back to this. */
  config?: unknown;
  /** Called with the config on reset, instead of putting it back. */
  resetConfig?: ((config: unknown) => void) | undefined;
  /** Removes all other reply functions. */
  removeOtherReplyFuncs?: boolean | undefined;
}

interface RegisteredReply {
  trigger: ReplyTrigger;
  reply: ReplyFunction;
  config: unknown;
  readonly initialConfig: unknown;
  readonly resetConfig: ((config: unknown) => void) | undefined;
}

/** The reply functions of one agent. */
export class ReplyChain {
  readonly #replies: RegisteredReply[] = [];

  /** @throws AgentError for a trigger of the wrong kind */
  register(trigger: ReplyTrigger, reply: ReplyFunction, options: RegisterReplyOptions = {}): void {
    if (!isTrigger(trigger)) {
      throw new AgentError("invalid_trigger", "a trigger is an agent, a class of agents, a name, a function, null or a list of them");
    }
    if (options.removeOtherReplyFuncs) this.#replies.length = 0;
    this.#replies.splice(options.position ?? 0, 0, {
      trigger,
      reply,
      config: copied(options.config),
      initialConfig: options.config,
      resetConfig: options.resetConfig,
    });
  }

  /** Puts `newReply` in every place of `oldReply`. */
  replace(oldReply: ReplyFunction, newReply: ReplyFunction): void {
    for (const entry of this.#replies) if (entry.reply === oldReply) entry.reply = newReply;
  }

  /** Puts the configs back. */
  reset(): void {
    for (const entry of this.#replies) {
      if (entry.resetConfig) entry.resetConfig(entry.config);
      else entry.config = copied(entry.initialConfig);
    }
  }

  /** The first final reply, or a result that is not final if no function had one. */
  async run(
    recipient: ConversableAgent,
    messages: ChatMessage[],
    sender: Agent | undefined,
    exclude: readonly unknown[],
    context: CallContext,
  ): Promise<ReplyResult> {
    // A copy, because a reply function may register or remove others.
    for (const { trigger, reply, config } of [...this.#replies]) {
      if (exclude.includes(reply) || !matches(trigger, sender)) continue;
      const result = await calledWithin(context, () => reply(recipient, messages, sender, config, context));
      if (result[0]) return result;
    }
    return [false];
  }
}

/** As Python's `copy.copy`, for the plain data that configs are; other objects are shared. */
function copied(config: unknown): unknown {
  if (Array.isArray(config)) return [...(config as unknown[])];
  const isPlain = typeof config === "object" && config !== null && Object.getPrototypeOf(config) === Object.prototype;
  return isPlain ? { ...config } : config;
}

function isTrigger(trigger: unknown): boolean {
  if (Array.isArray(trigger)) return trigger.every(isTrigger);
  return trigger === null || typeof trigger === "string" || typeof trigger === "function" || (typeof trigger === "object" && "name" in trigger);
}

function matches(trigger: ReplyTrigger, sender: Agent | undefined): boolean {
  if (trigger === null) return sender === undefined;
  if (Array.isArray(trigger)) return (trigger as readonly ReplyTrigger[]).some((each) => matches(each, sender));
  if (typeof trigger === "string") {
    if (sender === undefined) throw new AgentError("missing_sender", `the trigger \`${trigger}\` needs a sender: give \`sender\``);
    return trigger === sender.name;
  }
  if (typeof trigger === "function") {
    return isAgentClass(trigger) ? sender instanceof trigger : (trigger as (sender: Agent | undefined) => boolean)(sender);
  }
  return trigger === sender;
}

/** Classes and functions are both functions; only a class of agents has an agent's methods on its prototype. */
function isAgentClass(trigger: unknown): trigger is abstract new (...args: never[]) => Agent {
  return typeof (trigger as { prototype?: { generateReply?: unknown } }).prototype?.generateReply === "function";
}
