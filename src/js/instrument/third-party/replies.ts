/**
 * Turns and messages of other libraries' agents.
 *
 * One message passes through many hands: a reply is returned, then sent, then received, then
 * broadcast. So a chat remembers what was said last, and a message counts once.
 */

import { currentScope, survivesAwait } from "../context.js";
import { field, isRecord } from "../fields.js";
import type { Begun, Call } from "./call.js";
import { openChat, type Parties, routeIn } from "./chats.js";
import { isAgent } from "./kinds.js";
import { named, nameOf, ownNameOf, speakerOf } from "./names.js";
import { isMessage, isSameMessage, messagesIn, replyIn } from "./read.js";
import { around, asMessage, type ChatMemory, ForeignScope, innermost, tell } from "./report.js";

/** Chats that were opened by a `send` and go on: in a host without a context, what is sent meanwhile may be part of one. */
let openBySend = 0;

/** An agent begins to make a reply, unless the call is one step of a reply that it makes already. */
export function beginReply({ self, given, meaning }: Call): Begun | undefined {
  const route = routeIn(given);
  const ownName = nameOf(route?.["from"]) ?? ownNameOf(self);
  // What has no name of its own speaks in no conversation: `AgentRegistry.run` is something else.
  if (ownName === undefined && !meaning.isSure && meaning.role === "reply") return undefined;
  const name = ownName ?? nameOf(self) ?? "agent";
  const inner = innermost();
  if (inner?.isOpen && inner.kind === "reply" && inner.self === self && inner.name === name) return undefined;
  const sender = route?.["to"] ?? given.find(isAgent) ?? field(given.find(isRecord), "sender from");
  const said = given.find((value) => isMessage(value) && !isAgent(value) && value !== route);
  const messages =
    messagesIn(given) ??
    (said === undefined ? [] : [typeof said === "string" ? { role: "user", content: said } : said]);
  const chatScope = around(currentScope(), "chat");
  sayFirst(chatScope, messages.at(-1));
  const scope = new ForeignScope("reply", self, name, {
    agent: { name },
    sender: sender === undefined ? undefined : named(sender, "user"),
    messages: messages as never,
  });
  if (chatScope?.chat !== undefined) chatScope.chat.lastTurn = scope;
  return { scope, end: (result) => endReply(scope, chatScope?.chat, replyIn(result), nameOf(sender)) };
}

/** An agent is handed a message, and what it does until it sends its answer is its turn: for agents without a method that makes replies. */
export function beginTurn(call: Call): Begun | undefined {
  const chat = hearMessage(call, false);
  if (chat !== undefined) return chat;
  if (call.given.includes(false) || around(currentScope(), "chat") === undefined) return undefined;
  const turn = beginReply(call);
  if (turn !== undefined) turn.scope.isTurn = true;
  return turn;
}

/**
 * A message is on its way: it is noted in its chat if it is new, and opens a chat if it is the first
 * word of one.
 */
export function hearMessage(call: Call, isSent: boolean): Begun | undefined {
  const { self, given } = call;
  const other = given.find(isAgent) ?? given.slice(1).find((value) => typeof value === "string");
  const message = given.find((value) => value !== other && isMessage(value));
  if (message === undefined) return undefined;
  const [from, to] = isSent ? [self, other] : [other, self];
  const sender = nameOf(from) ?? speakerOf(message) ?? "user";
  const recipient = named(to, "agent");
  const chatScope = around(currentScope(), "chat");
  if (chatScope?.chat === undefined) return openWithMessage(call, { sender: { name: sender }, recipient, message });
  const { heard } = chatScope.chat;
  const inner = innermost();
  const reply =
    isSent && inner?.kind === "reply" && inner.self === self && inner.isOpen
      ? (inner as ForeignScope<"reply">)
      : undefined;
  if (!reply?.isTurn && heard !== undefined && isHandedOn(message, sender, heard)) return undefined;
  const scope = reply ?? chatScope;
  tell(scope, chatScope.chat, sender, recipient, message);
  scope.isTold = true;
  if (!reply?.isTurn) return undefined;
  reply.end({ reply: asMessage(message) });
  // What the other side makes of it is not part of this turn any more.
  return { scope: chatScope };
}

/** Whether `message` is what was said last, on its way from hand to hand. */
function isHandedOn(message: unknown, sender: string, heard: NonNullable<ChatMemory["heard"]>): boolean {
  const isOwnReply = heard.isToBeSent && heard.speaker === sender;
  if (isOwnReply) heard.isToBeSent = false;
  // A library may change a reply on its way: it is still that reply.
  return isOwnReply || isSameMessage(message, heard.message);
}

/** Outside of any chat, a message that asks for an answer begins one. */
function openWithMessage(call: Call, parties: Parties): Begun | undefined {
  const { given } = call;
  if (currentScope() !== undefined || given.includes(false) || !given.some(isAgent)) return undefined;
  if (openBySend > 0 && !survivesAwait()) return undefined;
  const begun = openChat({ ...call, given: given.filter(isRecord) }, parties);
  const { scope } = begun;
  tell(scope, scope.chat, parties.sender.name, parties.recipient, parties.message);
  openBySend += 1;
  scope.whenOver(() => {
    openBySend -= 1;
  });
  return begun;
}

/** The first message of a chat is told before the first answer, if nobody has sent it. */
function sayFirst(chatScope: ForeignScope | undefined, last: unknown): void {
  const chat = chatScope?.chat;
  if (chatScope === undefined || chat === undefined || chat.heard !== undefined) return;
  const message = chat.initial ?? last;
  if (!isMessage(message)) return;
  // The list of messages may know better whose it is.
  const sender = (isSameMessage(message, last) ? speakerOf(last) : undefined) ?? chat.sender;
  tell(chatScope, chat, sender, { name: chatScope.name }, message);
}

function endReply(
  scope: ForeignScope<"reply">,
  chat: ChatMemory | undefined,
  reply: unknown,
  recipient = chat?.sender ?? "user",
): void {
  if (reply === undefined || !scope.isOpen) return scope.end({ reply: undefined });
  const isTold = scope.isTold && isSameMessage(reply, chat?.heard?.message);
  if (!isTold) tell(scope, chat, scope.name, { name: recipient }, reply, true);
  scope.end({ reply: asMessage(reply) });
}
