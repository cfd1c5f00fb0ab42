/** The chain of reply functions of an agent (AG2: `ConversableAgent.register_reply`, `generate_reply`). */

import type { Agent, CallContext } from "../types.js";
import type { ConversableAgent } from "./conversable-agent.js";
import { AgentError } from "../util/errors.js";
import { checkOptions, type OptionRules } from "../util/options.js";
import type { ChatMessage } from "../message/message.js";
import { withScope } from "../observe/observer.js";

/** Whether the reply is final, and the reply; a final `undefined` or null ends the conversation without a reply. */
export type ReplyResult = readonly [isFinal: boolean, reply?: string | ChatMessage | null | undefined];

/** Makes a reply, or leaves it to the next function. `config` is the value that it was registered with. */
export type ReplyFunction = (
  recipient: ConversableAgent,
  messages: ChatMessage[],
  sender: Agent | undefined,
  config: unknown,
  context: CallContext,
) => ReplyResult | Promise<ReplyResult>;

/**
 * The senders that a reply function replies to: an agent, an agent of that name, agents of that
 * class, agents for which the function returns true; null: calls without a sender. Of a list, one
 * entry has to match.
 */
export type ReplyTrigger =
  | Agent
  | string
  | (abstract new (
      ...args: never[]
    ) => Agent)
  | ((sender: Agent | undefined) => boolean)
  | null
  | readonly ReplyTrigger[];

/** Options for the registration of a reply function. */
export interface RegisterReplyOptions {
  /** The position in the chain, counted from 0 (the default, which is tried first). */
  position?: number | undefined;
  /** The value that the function gets; a reset of the agent restores it. */
  config?: unknown;
  /** Called with the config on reset, instead of restoring it. */
  resetConfig?: ((config: unknown) => void) | undefined;
  /** Whether all other reply functions are removed. */
  removeOtherReplyFuncs?: boolean | undefined;
}

/** The rules of the options. */
export const REGISTER_REPLY_OPTIONS: OptionRules<RegisterReplyOptions> = {
  position: "any",
  config: "any",
  resetConfig: "function",
  removeOtherReplyFuncs: "flag",
};

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

  /** Adds a reply function. @throws AgentError for an invalid trigger */
  register(trigger: ReplyTrigger, reply: ReplyFunction, options: RegisterReplyOptions = {}): void {
    checkOptions("registerReply", options, REGISTER_REPLY_OPTIONS);
    if (!isTrigger(trigger)) {
      throw new AgentError(
        "invalid_trigger",
        "a trigger is an agent, a class of agents, a name, a function, null or a list of them",
      );
    }
    if (typeof reply !== "function")
      throw new AgentError("invalid_option", "`registerReply` takes a trigger, then the function that replies");
    if (options.removeOtherReplyFuncs) this.#replies.length = 0;
    this.#replies.splice(options.position ?? 0, 0, {
      trigger,
      reply,
      config: shallowCopy(options.config),
      initialConfig: options.config,
      resetConfig: options.resetConfig,
    });
  }

  /** Replaces `oldReply` by `newReply` wherever it is registered. */
  replace(oldReply: ReplyFunction, newReply: ReplyFunction): void {
    for (const entry of this.#replies) if (entry.reply === oldReply) entry.reply = newReply;
  }

  /** Restores the configs. */
  reset(): void {
    for (const entry of this.#replies) {
      if (entry.resetConfig) entry.resetConfig(entry.config);
      else entry.config = shallowCopy(entry.initialConfig);
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
    const replies = [...this.#replies];
    for (const { trigger, reply, config } of replies) {
      if (exclude.includes(reply) || !matches(trigger, sender)) continue;
      const result = await withScope(context.scope, () => reply(recipient, messages, sender, config, context));
      if (result[0]) return result;
    }
    return [false];
  }
}

/** A shallow copy of a list or plain object, like Python's `copy.copy`; other values are returned unchanged. */
function shallowCopy(config: unknown): unknown {
  if (Array.isArray(config)) return [...(config as unknown[])];
  const isPlain = typeof config === "object" && config !== null && Object.getPrototypeOf(config) === Object.prototype;
  return isPlain ? { ...config } : config;
}

function isTrigger(trigger: unknown): boolean {
  if (Array.isArray(trigger)) return trigger.every(isTrigger);
  return (
    trigger === null ||
    typeof trigger === "string" ||
    typeof trigger === "function" ||
    (typeof trigger === "object" && "name" in trigger)
  );
}

function matches(trigger: ReplyTrigger, sender: Agent | undefined): boolean {
  if (trigger === null) return sender === undefined;
  if (Array.isArray(trigger)) return (trigger as readonly ReplyTrigger[]).some((each) => matches(each, sender));
  if (typeof trigger === "string") {
    if (sender === undefined)
      throw new AgentError("missing_sender", `the trigger \`${trigger}\` needs a sender: give \`sender\``);
    return trigger === sender.name;
  }
  if (typeof trigger === "function") {
    return isAgentClass(trigger) ? sender instanceof trigger : trigger(sender);
  }
  return trigger === sender;
}

/** Classes and functions are both functions; only a class of agents has an agent's methods on its prototype. */
function isAgentClass(trigger: unknown): trigger is abstract new (...args: never[]) => Agent {
  return typeof (trigger as { prototype?: { generateReply?: unknown } }).prototype?.generateReply === "function";
}
