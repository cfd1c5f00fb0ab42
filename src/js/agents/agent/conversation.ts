/**
 * The steps of a conversation: receiving a message, making a reply, sending it (AG2: `receive`,
 * `_process_received_message`).
 */

import type { Agent, ContextOption } from "../types.js";
import { agentState } from "./agent-state.js";
import type { ConversableAgent } from "./conversable-agent.js";
import { type ChatMessage, invalidMessage, type MessageInput } from "../message/message.js";
import { notify, type Scope, withScope } from "../observe/observer.js";
import { enclosingChat, deliveredReply, ReplyScope } from "../observe/scope.js";
import { messageEvent, emitEvent } from "../observe/emit-event.js";

/** Options for making and sending a reply. */
export interface ReplyOptions {
  requestReply?: boolean | undefined;
  silent: boolean;
  signal?: AbortSignal | undefined;
  /** The agent that observers get as the one that replies. */
  reportedAgent?: Agent | undefined;
  /** Runs around the making of the reply, and returns the reply. */
  around?:
    | ((scope: ReplyScope, make: () => Promise<string | ChatMessage | undefined>) => ReturnType<typeof make>)
    | undefined;
  /** Changes the reply before it is sent, or throws to cancel it. */
  transformReply?: ((message: string | ChatMessage, scope: Scope) => Promise<string | ChatMessage>) | undefined;
}

/**
 * Adds a received message to the history, and reports it. A reply that is received is complete, so
 * its scope ends.
 *
 * @returns the scope that is the parent of a reply to this message
 * @throws AgentError if the message is invalid
 */
export function receiveMessage(
  agent: ConversableAgent,
  message: MessageInput,
  sender: Agent,
  context: ContextOption | undefined,
): Scope | undefined {
  const valid = agent[agentState].history.append(message, sender, "user", sender.name);
  const reply = deliveredReply(context?.scope, sender);
  const copy = context?.broadcastOf && { broadcastOf: context.broadcastOf };
  notify((observer) =>
    observer.message?.(reply ?? enclosingChat(context?.scope), {
      sender,
      recipient: agent,
      message: message as string | ChatMessage,
      valid,
      ...copy,
    }),
  );
  if (!valid) throw invalidMessage("the received message");
  if (reply === undefined) return context?.scope;
  reply.end({ reply: message as string | ChatMessage });
  return reply.parent;
}

/** Prints a received message, unless its chat or its sender is silent. */
export async function showMessage(
  agent: ConversableAgent,
  message: MessageInput,
  sender: Agent,
  silent: boolean,
  scope: Scope | undefined,
): Promise<void> {
  if ((sender as { silent?: boolean | undefined }).silent ?? silent) return;
  await emitEvent(messageEvent(message, sender, agent), scope);
}

/**
 * Makes the agent's reply to `sender` and sends it.
 *
 * @returns whether the agent had a reply
 */
export async function reply(
  agent: ConversableAgent,
  sender: Agent,
  messages: ChatMessage[],
  parent: Scope | undefined,
  { requestReply, silent, signal, transformReply, reportedAgent, around }: ReplyOptions,
): Promise<boolean> {
  const scope = new ReplyScope(agent, sender, messages, parent, reportedAgent);
  try {
    const make = (): Promise<string | ChatMessage | undefined> =>
      withScope(scope, () => agent.generateReply({ messages, sender, context: { scope, signal, silent } }));
    const made = await (around ? around(scope, make) : make());
    const message = made !== undefined && transformReply !== undefined ? await transformReply(made, scope) : made;
    if (message === undefined) {
      scope.end({ reply: undefined });
      return false;
    }
    scope.markSending();
    await agent.send(message, sender, { requestReply, silent, context: { scope, signal } });
    // The scope has ended already, unless the recipient overrides `receive`.
    scope.end({ reply: message });
    return true;
  } catch (error) {
    scope.fail(error);
    throw error;
  }
}
