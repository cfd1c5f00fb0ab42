/** System messages that are updated before each reply (AG2: conversable_agent.py, `UpdateSystemMessage`). */

import type { ConversableAgent } from "./conversable-agent.js";
import type { Hooks } from "./hooks.js";
import type { ChatMessage, MessageContent } from "../message/message.js";
import { warn } from "../util/warn.js";
import type { CallContext } from "../types.js";
import { fillTemplate } from "../message/template.js";

/** Makes the system message for an agent's next reply. */
export type SystemMessageFunction = (
  agent: ConversableAgent,
  messages: readonly ChatMessage[],
  context: CallContext,
) => MessageContent | Promise<MessageContent>;

/**
 * Updates an agent's system message before each reply. Pass it as `updateAgentStateBeforeReply`.
 * Its content is a text in which `{name}` stands for one of the agent's `contextVariables`, or a function.
 *
 * @example
 * const clerk = new ConversableAgent({
 *   name: "clerk",
 *   llmConfig,
 *   contextVariables: { customer: "Ada", openOrders: 2 },
 *   updateAgentStateBeforeReply: new UpdateSystemMessage("You serve {customer}, who has {openOrders} open orders."),
 * });
 * clerk.contextVariables["openOrders"] = 3;
 */
export class UpdateSystemMessage {
  /** The text with placeholders, or the function. */
  readonly contentUpdater: string | SystemMessageFunction;

  /** Warns of a text without placeholders, which would never change. */
  constructor(contentUpdater: string | SystemMessageFunction) {
    if (typeof contentUpdater === "string" && !/\{\w+\}/.test(contentUpdater)) {
      warn("an `UpdateSystemMessage` without `{name}` never changes");
    }
    this.contentUpdater = contentUpdater;
  }

  /** The hook `updateAgentState` that updates the system message. */
  readonly hook: Hooks["updateAgentState"] = async (agent, messages, context) => {
    // Only a `ConversableAgent` has this hook.
    const updated = agent as ConversableAgent;
    const { contentUpdater } = this;
    const content =
      typeof contentUpdater === "string"
        ? fillTemplate(contentUpdater, updated.contextVariables, "contextVariables")
        : await contentUpdater(updated, messages, context);
    updated.updateSystemMessage(content);
  };
}
