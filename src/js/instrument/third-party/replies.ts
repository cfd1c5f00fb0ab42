/**
 * Turns and messages of third-party agents.
 *
 * One message passes several hooks: a reply is returned, then sent, then received, then broadcast. So a
 * chat stores its last message, and a message is reported once.
 */

import { currentScope, hasAsyncContext } from "../context.js";
import { field, isPlainObject } from "../fields.js";
import type { StartedOperation, Call } from "./call.js";
import { openChat, type ChatParties, routeIn } from "./chats.js";
import { isAgent, isAgentByClass } from "./object-shape.js";
import { namedAgent, agentName, ownName, speakerName } from "./agent-names.js";
import { isMessage, isSameMessage, messagesIn, replyIn } from "./message-fields.js";
import {
  enclosing,
  asMessage,
  type ChatState,
  ThirdPartyScope,
  innermostScope,
  reportMessage,
} from "./third-party-scope.js";

/**
 * Open chats that a `send` has started: in a host without an asynchronous context, a further `send` may be part
 * of one.
 */
let openSendChats = 0;

/** Starts a reply, unless the call is a step of a reply of the same agent. */
export function startReply({ self, args, meaning }: Call): StartedOperation | undefined {
  const route = routeIn(args);
  const nameOfSpeaker = agentName(route?.["from"]) ?? ownName(self);
  // An object without a name of its own is an agent only by its class: `AgentRegistry.run` is not a reply.
  if (nameOfSpeaker === undefined && !meaning.isCertain && meaning.role === "reply" && !isAgentByClass(self))
    return undefined;
  const name = nameOfSpeaker ?? agentName(self) ?? "agent";
  const inner = innermostScope();
  if (inner?.isOpen && inner.kind === "reply" && inner.self === self && inner.name === name) return undefined;
  const sender = route?.["to"] ?? args.find(isAgent) ?? field(args.find(isPlainObject), "sender from");
  const received = args.find((value) => isMessage(value) && !isAgent(value) && value !== route);
  const messages =
    messagesIn(args) ??
    (received === undefined ? [] : [typeof received === "string" ? { role: "user", content: received } : received]);
  const chatScope = enclosing(currentScope(), "chat");
  reportFirstMessage(chatScope, messages.at(-1));
  const scope = new ThirdPartyScope("reply", self, name, {
    agent: { name },
    sender: sender === undefined ? undefined : namedAgent(sender, "user"),
    messages: messages as never,
  });
  if (chatScope?.chat !== undefined) chatScope.chat.lastTurn = scope;
  return { scope, end: (result) => endReply(scope, chatScope?.chat, replyIn(result), agentName(sender)) };
}

/**
 * Starts an implicit turn: for agents without a method that makes replies, it lasts from a received message to
 * the next sent one.
 */
export function startTurn(call: Call): StartedOperation | undefined {
  const chat = startMessage(call, false);
  if (chat !== undefined) return chat;
  if (call.args.includes(false) || enclosing(currentScope(), "chat") === undefined) return undefined;
  const turn = startReply(call);
  if (turn !== undefined) turn.scope.isImplicitTurn = true;
  return turn;
}

/**
 * Handles a sent or received message: it is reported in its chat if it is new, and starts a chat if there
 * is none.
 */
export function startMessage(call: Call, isSent: boolean): StartedOperation | undefined {
  const { self, args } = call;
  const other = args.find(isAgent) ?? args.slice(1).find((value) => typeof value === "string");
  const message = args.find((value) => value !== other && isMessage(value));
  if (message === undefined) return undefined;
  const [from, to] = isSent ? [self, other] : [other, self];
  const sender = agentName(from) ?? speakerName(message) ?? "user";
  const recipient = namedAgent(to, "agent");
  const chatScope = enclosing(currentScope(), "chat");
  if (chatScope?.chat === undefined) return openWithMessage(call, { sender: { name: sender }, recipient, message });
  const { lastMessage } = chatScope.chat;
  const inner = innermostScope();
  const reply =
    isSent && inner?.kind === "reply" && inner.self === self && inner.isOpen
      ? (inner as ThirdPartyScope<"reply">)
      : undefined;
  if (!reply?.isImplicitTurn && lastMessage !== undefined && isForwarded(message, sender, lastMessage))
    return undefined;
  const scope = reply ?? chatScope;
  reportMessage(scope, chatScope.chat, sender, recipient, message);
  scope.isReported = true;
  if (!reply?.isImplicitTurn) return undefined;
  reply.end({ reply: asMessage(message) });
  // The recipient's reply is part of the chat, not of this turn.
  return { scope: chatScope };
}

/** Whether `message` is the last message of the chat, at a further hook. */
function isForwarded(message: unknown, sender: string, lastMessage: NonNullable<ChatState["lastMessage"]>): boolean {
  const isOwnReply = lastMessage.isPendingReply && lastMessage.speaker === sender;
  if (isOwnReply) lastMessage.isPendingReply = false;
  // A library may modify a reply before it sends it: it is still the same reply.
  return isOwnReply || isSameMessage(message, lastMessage.message);
}

/** Starts a chat with a message that is sent outside of any chat, unless no reply is requested. */
function openWithMessage(call: Call, parties: ChatParties): StartedOperation | undefined {
  const { args } = call;
  if (currentScope() !== undefined || args.includes(false) || !args.some(isAgent)) return undefined;
  if (openSendChats > 0 && !hasAsyncContext()) return undefined;
  const operation = openChat({ ...call, args: args.filter(isPlainObject) }, parties);
  const { scope } = operation;
  reportMessage(scope, scope.chat, parties.sender.name, parties.recipient, parties.message);
  openSendChats += 1;
  scope.onEnd(() => {
    openSendChats -= 1;
  });
  return operation;
}

/** Reports the first message of a chat before the first reply, if no `send` has. */
function reportFirstMessage(chatScope: ThirdPartyScope | undefined, last: unknown): void {
  const chat = chatScope?.chat;
  if (chatScope === undefined || chat === undefined || chat.lastMessage !== undefined) return;
  const message = chat.initial ?? last;
  if (!isMessage(message)) return;
  // The list of messages may name another sender.
  const sender = (isSameMessage(message, last) ? speakerName(last) : undefined) ?? chat.sender;
  reportMessage(chatScope, chat, sender, { name: chatScope.name }, message);
}

function endReply(
  scope: ThirdPartyScope<"reply">,
  chat: ChatState | undefined,
  reply: unknown,
  recipient = chat?.sender ?? "user",
): void {
  if (reply === undefined || !scope.isOpen) return scope.end({ reply: undefined });
  const isReported = scope.isReported && isSameMessage(reply, chat?.lastMessage?.message);
  if (!isReported) reportMessage(scope, chat, scope.name, { name: recipient }, reply, true);
  scope.end({ reply: asMessage(reply) });
}
