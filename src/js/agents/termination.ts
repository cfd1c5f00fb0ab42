/** When a conversation ends, and when a person has a say (AG2: `ConversableAgent.check_termination_and_human_reply`). */

import type { Agent } from "./agent.js";
import { agentState } from "./agent-state.js";
import type { ConversableAgent } from "./conversable-agent.js";
import { askHuman } from "./human-input.js";
import type { ChatMessage, ToolResponse } from "./message.js";
import type { ReplyResult } from "./reply-chain.js";
import type { CallContext } from "./scope.js";
import { tell } from "./tell.js";

/** What a person, or the rules in place of one, decided. */
interface Decision {
  /** "exit" ends the conversation, "" lets the agent reply by itself, anything else is the reply. */
  reply: string;
  /** Why the conversation ends, for the terminal. */
  reason?: string | undefined;
  wasAskedInVain?: boolean;
}

/** The first function of the default chain: ends the conversation, passes a person's reply on, or counts an automatic one. */
export async function checkTerminationAndHumanReply(
  agent: ConversableAgent,
  messages: ChatMessage[],
  sender: Agent | undefined,
  context: CallContext,
): Promise<ReplyResult> {
  const message = messages.at(-1);
  if (message === undefined) return [false];
  const { autoReplies } = agent[agentState];
  const silent = context.silent ?? false;

  const { reply, reason, wasAskedInVain } = await decide(agent, message, sender, context);
  const received = { sender: sender?.name, recipient: agent.name };
  if (wasAskedInVain) await tell({ type: "terminationAndHumanReplyNoInput", ...received }, context.scope, silent);
  if (reply === "exit") {
    autoReplies.reset(sender);
    // In AG2 too the agent that ends the conversation is this event's sender.
    const ended = { sender: agent.name, recipient: sender?.name };
    if (reason !== undefined) await tell({ type: "termination", terminationReason: reason, ...ended }, context.scope, silent);
    return [true, undefined];
  }
  if (reply !== "" || autoReplies.limit(sender) === 0) {
    autoReplies.reset(sender);
    return [true, humanReply(reply, message)];
  }
  autoReplies.increment(sender);
  if (agent.humanInputMode !== "NEVER") {
    await tell({ type: "usingAutoReply", humanInputMode: agent.humanInputMode, ...received }, context.scope, silent);
  }
  return [false];
}

async function decide(agent: ConversableAgent, message: ChatMessage, sender: Agent | undefined, context: CallContext): Promise<Decision> {
  const { autoReplies } = agent[agentState];
  const isTermination = (): Promise<boolean> => agent.isTerminationMsg(message, context);
  const senderName = sender?.name ?? "the sender";
  const terminated = `Termination message condition on agent '${agent.name}' met`;

  if (agent.humanInputMode === "ALWAYS") {
    const reply = await askHuman(
      agent,
      `Replying as ${agent.name}. Provide feedback to ${senderName}. Press enter to skip and use auto-reply, or type 'exit' to end the conversation: `,
      context,
    );
    if (reply === "") return (await isTermination()) ? { reply: "exit", reason: terminated, wasAskedInVain: true } : { reply, wasAskedInVain: true };
    return { reply, reason: "User requested to end the conversation" };
  }

  const isLimitReached = autoReplies.count(sender) >= autoReplies.limit(sender);
  if (agent.humanInputMode === "NEVER") {
    if (isLimitReached) return { reply: "exit", reason: "Maximum number of consecutive auto-replies reached" };
    return (await isTermination()) ? { reply: "exit", reason: terminated } : { reply: "" };
  }

  const isEnd = await isTermination();
  if (!isLimitReached && !isEnd) return { reply: "" };
  const skip = isEnd ? "Press enter or type 'exit'" : "Press enter to skip and use auto-reply, or type 'exit'";
  const reply = await askHuman(agent, `Please give feedback to ${senderName}. ${skip} to stop the conversation: `, context);
  const wasAskedInVain = reply === "";
  if (isEnd) return { reply: reply || "exit", reason: `${terminated} and no human input provided`, wasAskedInVain };
  return { reply, reason: "User requested to end the conversation", wasAskedInVain };
}

/** A person's reply. Calls in the message that nobody will run now are answered as interrupted, because a model refuses calls without answers. */
function humanReply(reply: string, message: ChatMessage): ChatMessage {
  const interrupted: ToolResponse[] = [];
  if (message.function_call) {
    interrupted.push({ role: "function", name: message.function_call.name, content: "USER INTERRUPTED" });
  }
  for (const call of message.tool_calls ?? []) {
    interrupted.push({ role: "tool", tool_call_id: call.id ?? "", content: "USER INTERRUPTED" });
  }
  return { role: "user", content: reply, ...(interrupted.length > 0 && { tool_responses: interrupted }) };
}
