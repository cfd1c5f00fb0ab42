/** The steps of which a conversation consists: a message arrives, a reply is made, a reply is sent (AG2: `receive`, `_process_received_message`). */

import type { Agent } from "./agent.js";
import { agentState } from "./agent-state.js";
import type { ConversableAgent } from "./conversable-agent.js";
import { type ChatMessage, invalidMessage, type MessageInput } from "./message.js";
import { notify, runAround, type Scope } from "./observer.js";
import { chatAround, type ContextOption, replyBehind, ReplyScope } from "./scope.js";
import { messageEvent, tell } from "./tell.js";

/** What goes on unchanged from step to step. */
export interface ConversationOptions {
  requestReply?: boolean | undefined;
  silent: boolean;
  signal?: AbortSignal | undefined;
  /** Changes the reply before it is sent, or throws to keep it back. */
  amend?: ((message: string | ChatMessage, scope: Scope) => Promise<string | ChatMessage>) | undefined;
}

/**
 * Keeps a message that arrived, and reports it. A reply is complete once it is here, so its scope
 * ends.
 *
 * @returns the scope of which an answer to this message is part
 * @throws AgentError when it is no valid message
 */
export function takeMessage(
  agent: ConversableAgent,
  message: MessageInput,
  sender: Agent,
  context: ContextOption | undefined,
): Scope | undefined {
  const valid = agent[agentState].history.append(message, sender, "user", sender.name);
  const reply = replyBehind(context?.scope, sender);
  const copy = context?.broadcastOf && { broadcastOf: context.broadcastOf };
  notify((observer) =>
    observer.message?.(reply ?? chatAround(context?.scope), { sender, recipient: agent, message: message as string | ChatMessage, valid, ...copy }),
  );
  if (!valid) throw invalidMessage("the received message");
  if (reply === undefined) return context?.scope;
  reply.end({ reply: message as string | ChatMessage });
  return reply.parent;
}

/** Shows a message that arrived, unless its chat or its sender is silent. */
export async function showMessage(agent: ConversableAgent, message: MessageInput, sender: Agent, silent: boolean, scope: Scope | undefined): Promise<void> {
  if ((sender as { silent?: boolean | undefined }).silent ?? silent) return;
  await tell(messageEvent(message, sender, agent), scope, false);
}

/**
 * Makes the agent's reply to `sender` and sends it.
 *
 * @returns whether there was one
 */
export async function reply(
  agent: ConversableAgent,
  sender: Agent,
  messages: ChatMessage[],
  parent: Scope | undefined,
  { requestReply, silent, signal, amend }: ConversationOptions,
): Promise<boolean> {
  const scope = new ReplyScope(agent, sender, messages, parent);
  try {
    const made = await runAround(scope, () => agent.generateReply({ messages, sender, context: { scope, signal, silent } }));
    const message = made !== undefined && amend !== undefined ? await amend(made, scope) : made;
    if (message === undefined) {
      scope.end({ reply: undefined });
      return false;
    }
    scope.deliver();
    await agent.send(message, sender, { requestReply, silent, context: { scope, signal } });
    // Ended already, unless the other side has a `receive` of its own.
    scope.end({ reply: message });
    return true;
  } catch (error) {
    scope.fail(error);
    throw error;
  }
}
