/** System messages that follow the state of things (AG2: conversable_agent.py, `UpdateSystemMessage`). */

import type { ConversableAgent } from "./conversable-agent.js";
import type { Hooks } from "./hooks.js";
import type { ChatMessage, MessageContent } from "./message.js";
import { warn } from "./warn.js";
import type { CallContext } from "./scope.js";
import { fillIn } from "./template.js";

/** Makes the system message that an agent's next reply is made with. */
export type SystemMessageFunction = (agent: ConversableAgent, messages: readonly ChatMessage[], context: CallContext) => MessageContent | Promise<MessageContent>;

/**
 * Renews an agent's system message before each reply. Give it as `updateAgentStateBeforeReply`:
 * a text in which `{name}` stands for one of the agent's `contextVariables`, or a function.
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
  /** The text with `{name}`s in it, or the function, as it was given. */
  readonly contentUpdater: string | SystemMessageFunction;

  /** Warns of a text without any `{name}`: it would never change. */
  constructor(contentUpdater: string | SystemMessageFunction) {
    if (typeof contentUpdater === "string" && !/\{\w+\}/.test(contentUpdater)) {
      warn("an `UpdateSystemMessage` without `{name}` never changes");
    }
    this.contentUpdater = contentUpdater;
  }

  /** The hook `updateAgentState` that does it. */
  readonly hook: Hooks["updateAgentState"] = async (agent, messages, context) => {
    // Only these agents have such a hook.
    const updated = agent as ConversableAgent;
    const { contentUpdater } = this;
    const content = typeof contentUpdater === "string" ? fillIn(contentUpdater, updated.contextVariables, "contextVariables") : await contentUpdater(updated, messages, context);
    updated.updateSystemMessage(content);
  };
}
