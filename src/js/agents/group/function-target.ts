/** A target that a function selects (AG2: agentchat/group/targets/function_target.py). */

import type { ConversableAgent } from "../agent/conversable-agent.js";
import { type ChatMessage, contentText } from "../message/message.js";
import { raceAbort } from "../observe/scope.js";
import type { CallContext } from "../types.js";
import { AgentError } from "../util/errors.js";
import type { ContextVariables, VariablesInput } from "./context-variables.js";
import type { Group } from "./group.js";
import {
  AgentNameTarget,
  AgentTarget,
  memberNamed,
  type NextSpeaker,
  RevertToUserTarget,
  TransitionTarget,
} from "./targets.js";

/** A message to one agent. */
export interface FunctionTargetMessage {
  /** The text. */
  content: string;
  /** The agent that gets it. */
  msgTarget: ConversableAgent;
}

/** The result of the function of a `FunctionTarget`. */
export interface FunctionTargetResult {
  /** The target. */
  target: TransitionTarget;
  /** The message to the target's agent (else to the current one), or messages to several agents. */
  messages?: string | readonly FunctionTargetMessage[] | null | undefined;
  /** The context variables to add and replace. */
  contextVariables?: VariablesInput | null | undefined;
}

/** Selects a target by the text of the last message, the context variables and `extraArgs`. */
export type TargetFunction = (
  output: string,
  contextVariables: ContextVariables,
  extraArgs: Readonly<Record<string, unknown>>,
  context: CallContext,
) => FunctionTargetResult | Promise<FunctionTargetResult>;

/**
 * Has a function select the target, change context variables, and send messages to single agents. It is a
 * target of after works.
 *
 * @example
 * const review = new FunctionTarget((output) =>
 *   output.length < 100
 *     ? { target: new StayTarget(), messages: "This is too short." }
 *     : { target: new AgentTarget(guide), messages: "Check this, please." },
 * );
 * handoffsOf(assistant).setAfterWork(review);
 */
export class FunctionTarget extends TransitionTarget {
  readonly kind = "function";
  readonly #fn: TargetFunction;
  readonly #extraArgs: Readonly<Record<string, unknown>>;

  /** @throws AgentError if `fn` is not a function */
  constructor(fn: TargetFunction, { extraArgs = {} }: { extraArgs?: Readonly<Record<string, unknown>> } = {}) {
    super();
    if (typeof fn !== "function")
      throw new AgentError("invalid_option", "a `FunctionTarget` needs a function: give it as the first argument");
    this.#fn = fn;
    this.#extraArgs = extraArgs;
  }

  /** The name of the function. */
  displayName(): string {
    return this.#fn.name || "function";
  }

  normalizedName(): string {
    return this.displayName().replaceAll(" ", "_");
  }

  toString(): string {
    return `Transfer to tool ${this.displayName()}`;
  }

  async resolve(group: Group, current: ConversableAgent, context: CallContext): Promise<NextSpeaker> {
    const output = contentText(group.groupChat.messages.at(-1)?.content);
    const result = await raceAbort(() => this.#fn(output, group.variables, this.#extraArgs, context), context);
    const target = (result as FunctionTargetResult | undefined)?.target;
    if (!(target instanceof TransitionTarget)) {
      throw new AgentError(
        "invalid_option",
        `the function \`${this.displayName()}\` of a \`FunctionTarget\` must return an object with a \`target\``,
      );
    }
    const { messages, contextVariables } = result;
    if (contextVariables) group.variables.update(contextVariables);
    for (const { content, msgTarget } of this.#addressed(messages, target, group, current)) {
      const name = this.displayName();
      const message: ChatMessage = {
        role: "system",
        name,
        content: `[FUNCTION_HANDOFF] - Reply from function ${name}: \n\n ${content}`,
      };
      // To the agent only: observers get it as a copy, because it is not part of the group's conversation.
      await group.manager.send(message, msgTarget, {
        requestReply: false,
        silent: context.silent,
        context: { scope: context.scope, signal: context.signal, broadcastOf: { name } },
      });
    }
    return target.resolve(group, current, context);
  }

  #addressed(
    messages: FunctionTargetResult["messages"],
    target: TransitionTarget,
    group: Group,
    current: ConversableAgent,
  ): readonly FunctionTargetMessage[] {
    if (typeof messages !== "string") return messages ?? [];
    if (messages === "") return [];
    let msgTarget = current;
    if (target instanceof AgentTarget || target instanceof AgentNameTarget)
      msgTarget = memberNamed(group, target.agentName);
    else if (target instanceof RevertToUserTarget && group.userAgent) msgTarget = group.userAgent;
    return [{ content: messages, msgTarget }];
  }
}
