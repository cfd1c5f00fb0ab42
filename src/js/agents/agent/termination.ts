/**
 * The rules by which a conversation ends or a person is asked (AG2:
 * `ConversableAgent.check_termination_and_human_reply`).
 */

import type { Agent, CallContext } from "../types.js";
import { agentState } from "./agent-state.js";
import type { ConversableAgent } from "./conversable-agent.js";
import { askHuman } from "./human-input.js";
import type { ChatMessage, ToolResponse } from "../message/message.js";
import type { ReplyFunction } from "./reply-chain.js";
import { emitEvent } from "../observe/emit-event.js";

/** The decision of the person or of the rules. */
interface Decision {
  /** The reply of the person; "exit" ends the conversation, with "" the agent replies itself. */
  reply: string;
  /** The reason for an end of the conversation. */
  reason: string;
  /** Whether a person was asked and typed nothing. */
  gaveNoInput?: boolean;
}

/**
 * The first function of the default chain: ends the conversation, returns a person's reply, or counts an automatic
 * one.
 */
export const checkTerminationAndHumanReply: ReplyFunction = async (agent, messages, sender, _config, context) => {
  const message = messages.at(-1);
  if (message === undefined) return [false];
  const { autoReplies } = agent[agentState];
  const { scope, silent } = context;
  const { reply, reason, gaveNoInput } = await decide(agent, message, sender, context);
  const turn = { sender: sender?.name, recipient: agent.name };
  if (gaveNoInput) await emitEvent({ type: "terminationAndHumanReplyNoInput", ...turn }, scope, silent);
  if (reply !== "" || autoReplies.limit(sender) === 0) {
    autoReplies.reset(sender);
    if (reply !== "exit") return [true, humanReply(reply, message)];
    // As in AG2, the sender of this event is the agent that ends the conversation.
    const ending = { sender: agent.name, recipient: sender?.name };
    await emitEvent({ type: "termination", terminationReason: reason, ...ending }, scope, silent);
    return [true];
  }
  autoReplies.increment(sender);
  if (agent.humanInputMode !== "NEVER") {
    await emitEvent({ type: "usingAutoReply", humanInputMode: agent.humanInputMode, ...turn }, scope, silent);
  }
  return [false];
};

async function decide(
  agent: ConversableAgent,
  message: ChatMessage,
  sender: Agent | undefined,
  context: CallContext,
): Promise<Decision> {
  const { autoReplies } = agent[agentState];
  const { name, humanInputMode: mode } = agent;
  const senderName = sender?.name ?? "the sender";
  const terminated = `Termination message condition on agent '${name}' met`;
  const requested = "User requested to end the conversation";

  if (mode === "ALWAYS") {
    const reply = await askHuman(
      agent,
      `Replying as ${name}. Provide feedback to ${senderName}. ${SKIP_HINT} to end the conversation: `,
      context,
    );
    if (reply !== "") return { reply, reason: requested };
    return {
      reply: (await agent.isTerminationMsg(message, context)) ? "exit" : "",
      reason: terminated,
      gaveNoInput: true,
    };
  }

  const isLimitReached = autoReplies.count(sender) >= autoReplies.limit(sender);
  if (mode === "NEVER" && isLimitReached)
    return { reply: "exit", reason: "Maximum number of consecutive auto-replies reached" };
  const isEnd = await agent.isTerminationMsg(message, context);
  if (mode === "NEVER" || (!isLimitReached && !isEnd)) return { reply: isEnd ? "exit" : "", reason: terminated };
  const skip = isEnd ? "Press enter or type 'exit'" : SKIP_HINT;
  const reply = await askHuman(
    agent,
    `Please give feedback to ${senderName}. ${skip} to stop the conversation: `,
    context,
  );
  const gaveNoInput = reply === "";
  if (isEnd) return { reply: reply || "exit", reason: `${terminated} and no human input provided`, gaveNoInput };
  return { reply, reason: requested, gaveNoInput };
}

const SKIP_HINT = "Press enter to skip and use auto-reply, or type 'exit'";

/**
 * The message with a person's reply. The tool calls of the message it replies to are not run; they
 * get responses that say so, because a model rejects tool calls without responses.
 */
function humanReply(reply: string, { function_call: call, tool_calls: calls }: ChatMessage): ChatMessage {
  const content = "USER INTERRUPTED";
  const interrupted: ToolResponse[] = [
    ...(call ? [{ role: "function", name: call.name, content }] : []),
    ...(calls ?? []).map(({ id }) => ({ role: "tool", tool_call_id: id ?? "", content })),
  ];
  return { role: "user", content: reply, ...(interrupted.length > 0 && { tool_responses: interrupted }) };
}
