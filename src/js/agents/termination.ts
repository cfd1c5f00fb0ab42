/** When a conversation ends, and when a person has a say (AG2: `ConversableAgent.check_termination_and_human_reply`). */

import type { Agent } from "./agent.js";
import { agentState } from "./agent-state.js";
import type { ConversableAgent } from "./conversable-agent.js";
import { askHuman } from "./human-input.js";
import type { ChatMessage, ToolResponse } from "./message.js";
import type { ReplyFunction } from "./reply-chain.js";
import type { CallContext } from "./scope.js";
import { tell } from "./tell.js";

/** What a person, or the rules in place of one, decided. */
interface Decision {
  /** "exit" ends the conversation, "" lets the agent reply by itself, anything else is the reply. */
  reply: string;
  /** Why the conversation ends, if it does. */
  reason: string;
  wasAskedInVain?: boolean;
}

/** The first function of the default chain: ends the conversation, passes a person's reply on, or counts an automatic one. */
export const checkTerminationAndHumanReply: ReplyFunction = async (agent, messages, sender, _config, context) => {
  const message = messages.at(-1);
  if (message === undefined) return [false];
  const { autoReplies } = agent[agentState];
  const { scope, silent = false } = context;
  const { reply, reason, wasAskedInVain } = await decide(agent, message, sender, context);
  const received = { sender: sender?.name, recipient: agent.name };
  if (wasAskedInVain) await tell({ type: "terminationAndHumanReplyNoInput", ...received }, scope, silent);
  if (reply !== "" || autoReplies.limit(sender) === 0) {
    autoReplies.reset(sender);
    if (reply !== "exit") return [true, humanReply(reply, message)];
    // In AG2 too the agent that ends the conversation is this event's sender.
    const ended = { sender: agent.name, recipient: sender?.name };
    await tell({ type: "termination", terminationReason: reason, ...ended }, scope, silent);
    return [true];
  }
  autoReplies.increment(sender);
  if (agent.humanInputMode !== "NEVER") {
    await tell({ type: "usingAutoReply", humanInputMode: agent.humanInputMode, ...received }, scope, silent);
  }
  return [false];
};

async function decide(agent: ConversableAgent, message: ChatMessage, sender: Agent | undefined, context: CallContext): Promise<Decision> {
  const { autoReplies } = agent[agentState];
  const { name, humanInputMode: mode } = agent;
  const other = sender?.name ?? "the sender";
  const terminated = `Termination message condition on agent '${name}' met`;
  const requested = "User requested to end the conversation";

  if (mode === "ALWAYS") {
    const reply = await askHuman(agent, `Replying as ${name}. Provide feedback to ${other}. ${SKIP} to end the conversation: `, context);
    if (reply !== "") return { reply, reason: requested };
    return { reply: (await agent.isTerminationMsg(message, context)) ? "exit" : "", reason: terminated, wasAskedInVain: true };
  }

  const isLimitReached = autoReplies.count(sender) >= autoReplies.limit(sender);
  if (mode === "NEVER" && isLimitReached) return { reply: "exit", reason: "Maximum number of consecutive auto-replies reached" };
  const isEnd = await agent.isTerminationMsg(message, context);
  if (mode === "NEVER" || (!isLimitReached && !isEnd)) return { reply: isEnd ? "exit" : "", reason: terminated };
  const skip = isEnd ? "Press enter or type 'exit'" : SKIP;
  const reply = await askHuman(agent, `Please give feedback to ${other}. ${skip} to stop the conversation: `, context);
  const wasAskedInVain = reply === "";
  if (isEnd) return { reply: reply || "exit", reason: `${terminated} and no human input provided`, wasAskedInVain };
  return { reply, reason: requested, wasAskedInVain };
}

const SKIP = "Press enter to skip and use auto-reply, or type 'exit'";

/** A person's reply. Calls in the message that nobody will run now are answered as interrupted, because a model refuses calls without answers. */
function humanReply(reply: string, { function_call: call, tool_calls: calls }: ChatMessage): ChatMessage {
  const content = "USER INTERRUPTED";
  const interrupted: ToolResponse[] = [
    ...(call ? [{ role: "function", name: call.name, content }] : []),
    ...(calls ?? []).map(({ id }) => ({ role: "tool", tool_call_id: id ?? "", content })),
  ];
  return { role: "user", content: reply, ...(interrupted.length > 0 && { tool_responses: interrupted }) };
}
