/**
 * Chats of other libraries: what a call of `initiateChat`, `GroupChat.run` and the like says about
 * who speaks with whom, and what the chat came to.
 */

import type { EndDetails, Named, StartDetails } from "../../agents/observe/observer.js";
import { currentScope } from "../context.js";
import { field, type Fields, isFields, isRecord, listOrNothing, spellings } from "../fields.js";
import type { Begun, Call } from "./call.js";
import { listenForMessages } from "./events.js";
import { isAgent, isConversation } from "./kinds.js";
import { named, nameOf } from "./names.js";
import { historyIn, isMessage, isSameMessage, summaryIn, textOf } from "./read.js";
import { around, type ChatMemory, ForeignScope, innermost } from "./report.js";

/** Whoever starts a conversation that does not say who does. */
const SOMEBODY = "user";

/** Methods of a group's manager that are the inside of its reply (AG2: `run_chat` is a reply function). */
const INSIDE_OF_REPLY = /^(?:run(?:group)?(?:chat)?|start)$/;

// Options of `initiateChat` that have their own place among a chat's inputs (autogen/agentchat/conversable_agent.py), by AG2's names and the ports'.
const MESSAGE = "message initialMessage task prompt input topic content query";
const MAX_TURNS = "maxTurns maxRounds maxRound";
const PLACED = `${MESSAGE} ${MAX_TURNS} clearHistory silent summaryMethod summaryArgs cache recipient sender from to messages`;

/** Who speaks to whom, and what is said first. */
export interface Parties {
  readonly sender: Named;
  readonly recipient: Named;
  readonly message: unknown;
}

/** A chat begins, unless the call is part of one that has begun already. */
export function beginChat(call: Call): Begun | undefined {
  const { self, meaning } = call;
  const inner = innermost();
  if (inner?.isOpen && inner.self === self && self !== undefined) {
    // One method of a chat calls another one; or it is how a manager makes its reply.
    if (inner.kind === "chat" || (inner.kind === "reply" && INSIDE_OF_REPLY.test(meaning.word))) return undefined;
  }
  if (!meaning.isSure && !isMeant(call)) return undefined;
  const parties = partiesOf(call);
  // One object hands the chat on to another one, before anybody has said anything.
  if (
    inner?.kind === "chat" &&
    inner.isOpen &&
    inner.chat?.heard === undefined &&
    isSameMessage(parties.message, inner.chat?.initial)
  )
    return undefined;
  const begun = openChat(call, parties);
  listenForMessages(self, begun.scope);
  return begun;
}

/** Whether a `run` or a `start` is a chat: those of agents are, unless a chat runs them; others if they hold conversations. */
function isMeant({ self, given, options: { kind } }: Call): boolean {
  if (kind === "agent") return around(currentScope(), "chat") === undefined;
  return routeIn(given) !== undefined || (isFields(self) && isConversation(self));
}

/** Begins a chat between these. */
export function openChat({ self, given }: Call, { sender, recipient, message }: Parties): Begun {
  const options = optionsIn(given);
  const chat: ChatMemory = {
    initial: isMessage(message) ? message : undefined,
    sender: sender.name,
    heard: undefined,
    lastTurn: undefined,
    history: [],
  };
  const details = {
    sender,
    recipient,
    message,
    // AG2's default, where the library has such an option at all.
    clearHistory: field(options, "clearHistory") ?? given.find((value) => typeof value === "boolean") ?? true,
    silent: field(options, "silent"),
    maxTurns: field(options, MAX_TURNS) ?? given.find((value) => typeof value === "number"),
    summaryMethod: field(options, "summaryMethod"),
    summaryArgs: field(options, "summaryArgs") ?? {},
    cache: field(options, "cache"),
    extra: Object.fromEntries(Object.entries(options ?? {}).filter(([name]) => !spellings(PLACED).includes(name))),
  } as StartDetails["chat"];
  return new ForeignScope("chat", self, recipient.name, details, currentScope(), chat).begun((result) =>
    chatResult(result, chat),
  );
}

/** Several chats that belong together begin. */
export function beginChats({ self, given }: Call): Begun {
  const sender = isAgent(self) ? named(self, SOMEBODY) : undefined;
  const count = listOrNothing(given.find(Array.isArray))?.length ?? 0;
  return new ForeignScope("chats", self, sender?.name ?? "", { sender, count }).begun(() => ({}));
}

function partiesOf({ self, given, meaning, options: { kind } }: Call): Parties {
  const agents = given.filter(isAgent);
  const options = optionsIn(given);
  const route = routeIn(given);
  const said = given.find((value) => isRecord(value) && isMessage(value) && !isAgent(value));
  const texts = given.filter((value) => typeof value === "string");
  const message =
    field(route, "content message") ??
    field(options, MESSAGE) ??
    said ??
    listOrNothing(given.find(Array.isArray))?.at(-1);
  if (route !== undefined)
    return { sender: named(route["from"], SOMEBODY), recipient: named(route["to"], "agent"), message };
  const hasSelf = isAgent(self);
  const from = field(options, "sender from");
  const to = field(options, "recipient to") ?? agents.at(hasSelf || from !== undefined ? 0 : 1);
  if (!hasSelf && meaning.isSure && agents.length === 0 && texts.length >= 3) {
    // Agents by their names: `initiateChat("alice", "bob", "hello")`.
    return { sender: named(texts[0], SOMEBODY), recipient: named(texts[1], "agent"), message: message ?? texts[2] };
  }
  const sender =
    from ?? (hasSelf && (to !== undefined || kind !== "agent") ? self : agents.length > 1 ? agents[0] : SOMEBODY);
  return { sender: named(sender, SOMEBODY), recipient: named(to ?? self, "group chat"), message: texts[0] ?? message };
}

/** `{ from, to, content }`: who speaks to whom, by name. */
export function routeIn(given: readonly unknown[]): Fields | undefined {
  return given.find(
    (value): value is Fields =>
      isRecord(value) && nameOf(value["from"]) !== undefined && nameOf(value["to"]) !== undefined,
  );
}

function optionsIn(given: readonly unknown[]): Fields | undefined {
  return given.findLast((value): value is Fields => isRecord(value) && !isAgent(value) && value["role"] === undefined);
}

/** A `ChatResult` (autogen/agentchat/chat.py), as far as the library tells; what it leaves out is what was heard. */
function chatResult(result: unknown, { history, heard }: ChatMemory): EndDetails["chat"] {
  return {
    // AG2 gives every chat a number of its own (autogen/agentchat/chat.py); so do we where the library does not.
    chatId: field(result, "chatId") ?? Math.floor(Math.random() * Number.MAX_SAFE_INTEGER),
    chatHistory: historyIn(result) ?? history,
    summary: summaryIn(result) ?? textOf(heard?.message),
    cost: field(result, "cost"),
    humanInput: field(result, "humanInput"),
  } as EndDetails["chat"];
}
