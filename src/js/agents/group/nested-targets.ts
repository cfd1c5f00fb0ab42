/**
 * Targets that are chats of their own (AG2: agentchat/group/targets/transition_target.py, `NestedChatTarget`;
 * group_chat_target.py).
 */

import { ConversableAgent } from "../agent/conversable-agent.js";
import { type ChatMessage, contentText } from "../message/message.js";
import {
  type NestedChatEntry,
  registerNestedChats,
  type RegisterNestedChatsOptions,
} from "../nested-chats/nested-chats.js";
import { AgentError, messageOf } from "../util/errors.js";
import { checkOptions, type OptionRules } from "../util/options.js";
import { handoffsOf } from "./handoffs.js";
import type { Pattern } from "./patterns.js";
import { AgentTarget, FixedTarget, type WrappingGroup } from "./targets.js";

/** The beginning of the names of agents that stand for targets. */
const WRAPPED = "wrapped_";

/** A target that an agent of its own stands for. */
abstract class WrappedTarget extends FixedTarget {
  resolve(): never {
    throw new AgentError(
      "invalid_option",
      `${this.displayName()} cannot be an after work or the target of a tool: use it in an \`OnCondition\` or an ` +
        "`OnContextCondition`",
    );
  }
}

/** Options of `NestedChatTarget`: the chats, and what makes the reply of them. */
export interface NestedChatTargetOptions
  extends Pick<RegisterNestedChatsOptions, "replyFuncFromNestedChats" | "config"> {
  /** The chats. The first one without a message begins with the last message of the group. */
  chatQueue: readonly NestedChatEntry[];
}

const NESTED_TARGET_OPTIONS: OptionRules<NestedChatTargetOptions> = {
  chatQueue: "any",
  replyFuncFromNestedChats: "any",
  config: "any",
};

/**
 * Runs nested chats, whose last summary goes to the group; then the agent that handed off speaks again. It is a
 * target of `OnCondition` and `OnContextCondition`.
 *
 * @example
 * const chatQueue = [{ recipient: guide, message: "Check the facts.", maxTurns: 1 }];
 * const condition = new StringLLMCondition("The text needs a check.");
 * handoffsOf(assistant).add(new OnCondition({ target: new NestedChatTarget({ chatQueue }), condition }));
 */
export class NestedChatTarget extends WrappedTarget {
  readonly #options: NestedChatTargetOptions;

  /** Creates the target. */
  constructor(options: NestedChatTargetOptions) {
    checkOptions("NestedChatTarget", options, NESTED_TARGET_OPTIONS);
    super("nested_chat", "a nested chat", "Transfer to nested chat");
    this.#options = options;
  }

  override wrap(parent: ConversableAgent, number: number): ConversableAgent {
    const wrapper = new ConversableAgent({
      name: `${WRAPPED}nested_${parent.name}_${number}`,
      humanInputMode: "NEVER",
    });
    const { chatQueue, ...options } = this.#options;
    registerNestedChats(wrapper, chatQueue, () => true, { ...options, position: 0 });
    handoffsOf(wrapper).setAfterWork(new AgentTarget(parent));
    return wrapper;
  }
}

/** Options of `GroupChatTarget`. */
export interface GroupChatTargetOptions {
  /** The pattern of the inner group chat, which has context variables of its own. */
  pattern: Pattern;
  /** The messages that the inner group chat begins with; not given: the last message before the handoff. */
  messages?: string | readonly ChatMessage[] | undefined;
  /** The most messages of the inner group chat; not given: 20. */
  maxRounds?: number | undefined;
}

const GROUP_TARGET_OPTIONS: OptionRules<GroupChatTargetOptions> = {
  pattern: "any",
  messages: "any",
  maxRounds: "count",
};

/**
 * Runs an inner group chat, whose summary goes to the group; then the agent that handed off speaks again. It is
 * a target of `OnCondition` and `OnContextCondition`.
 *
 * @example
 * const pattern = new RoundRobinPattern({ initialAgent: guide, agents: [guide, assistant] });
 * const condition = new StringLLMCondition("A debate is needed.");
 * handoffsOf(user).add(new OnCondition({ target: new GroupChatTarget({ pattern, maxRounds: 4 }), condition }));
 */
export class GroupChatTarget extends WrappedTarget {
  readonly #options: GroupChatTargetOptions;

  /** Creates the target. */
  constructor(options: GroupChatTargetOptions) {
    checkOptions("GroupChatTarget", options, GROUP_TARGET_OPTIONS);
    super("group_chat", "a group chat", "Transfer to group chat");
    this.#options = options;
  }

  override wrap(parent: ConversableAgent, number: number, group: WrappingGroup): ConversableAgent {
    const { pattern, messages: given, maxRounds } = this.#options;
    const wrapper = new ConversableAgent({ name: `${WRAPPED}group_${parent.name}_${number}`, humanInputMode: "NEVER" });
    wrapper.registerReply(
      () => true,
      async (_, messages, __, ___, context) => {
        try {
          const first = given ?? lastContent(group.withoutTransit(messages.slice(0, -1)), messages);
          const [{ summary }] = await group.runInner(pattern, { messages: first, maxRounds, context });
          return [true, { content: summary }];
        } catch (error) {
          if (context.signal?.aborted) throw error;
          return [true, { content: `Error running group chat: ${messageOf(error)}` }];
        }
      },
      { removeOtherReplyFuncs: true },
    );
    handoffsOf(wrapper).setAfterWork(new AgentTarget(parent));
    return wrapper;
  }
}

/** The text of the newest message that has one. (AG2 takes that of the handoff's call, which is usually "None".) */
function lastContent(messages: readonly ChatMessage[], all: readonly ChatMessage[]): string {
  const newest = messages.findLast(({ content, role }) => role !== "tool" && content);
  return contentText((newest ?? all[0])?.content);
}
