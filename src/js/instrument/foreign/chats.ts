/**
 * Chats of other libraries: what a call of `initiateChat`, `GroupChat.run` and the like says about
 * who speaks with whom, and what the chat came to.
 */

import type { EndDetails, Named, StartDetails } from "../../agents/observer.js";
import { currentScope } from "../context.js";
import type { Begun, Call } from "./call.js";
import { listenForMessages } from "./events.js";
import { isAgent, isConversation } from "./kinds.js";
import { around, type ChatMemory, ForeignScope, innermost } from "./report.js";
import { field, type Fields, historyIn, isMessage, isRecord, isSameMessage, named, nameOf, summaryIn, textOf } from "./read.js";

/** Whoever starts a conversation that does not say who does. */
const SOMEBODY = "user";

/** Methods of a group's manager that are the inside of its reply (AG2: `run_chat` is a reply function). */
const INSIDE_OF_REPLY = new Set(["runchat", "rungroupchat", "rungroup", "run", "start"]);

/** Options of `initiateChat` that have their own place among a chat's inputs (autogen/agentchat/conversable_agent.py), by AG2's and ours and the ports' spellings. */
const OPTIONS = {
  message: ["message", "initialMessage", "initial_message", "task", "prompt", "input", "topic", "content", "query"],
  clearHistory: ["clearHistory", "clear_history"],
  silent: ["silent"],
  maxTurns: ["maxTurns", "max_turns", "maxRounds", "max_rounds", "maxRound", "max_round"],
  summaryMethod: ["summaryMethod", "summary_method"],
  summaryArgs: ["summaryArgs", "summary_args"],
  cache: ["cache"],
  parties: ["recipient", "sender", "from", "to", "messages"],
} as const;

interface Parties {
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
    if (inner.kind === "chat" || (inner.kind === "reply" && INSIDE_OF_REPLY.has(meaning.word))) return undefined;
  }
  if (!meaning.isSure && !isMeant(call)) return undefined;
  const parties = partiesOf(call);
  // One object hands the chat on to another one, before anybody has said anything.
  if (inner?.kind === "chat" && inner.isOpen && inner.chat?.heard === undefined && isSameMessage(parties.message, inner.chat?.initial)) return undefined;
  const begun = openChat(call, parties);
  listenForMessages(self, begun.scope);
  return begun;
}

/** Whether a `run` or a `start` is a chat: those of agents are, unless a chat runs them; others if they hold conversations. */
function isMeant({ self, given, options: { kind } }: Call): boolean {
  if (kind === "agent") return around(currentScope(), "chat") === undefined;
  return routeIn(given) !== undefined || (typeof self === "object" && self !== null && isConversation(self));
}

/** Begins a chat between these. */
export function openChat({ self, given }: Call, { sender, recipient, message }: Parties): Begun {
  const given_ = optionsIn(given);
  const option = (name: keyof typeof OPTIONS): unknown => field(given_, ...OPTIONS[name]);
  const chat: ChatMemory = { initial: isMessage(message) ? message : undefined, sender: sender.name, heard: undefined, lastTurn: undefined, history: [] };
  const details = {
    sender,
    recipient,
    message,
    // AG2's default, where the library has such an option at all.
    clearHistory: option("clearHistory") ?? given.find((value) => typeof value === "boolean") ?? true,
    silent: option("silent"),
    maxTurns: option("maxTurns") ?? given.find((value) => typeof value === "number"),
    summaryMethod: option("summaryMethod"),
    summaryArgs: option("summaryArgs") ?? {},
    cache: option("cache"),
    extra: extraOf(given_),
  } as StartDetails["chat"];
  const scope = new ForeignScope("chat", details, { parent: currentScope(), self, name: recipient.name, chat });
  return { scope, end: (result) => scope.end(chatResult(result, chat)) };
}

/** Several chats that belong together begin. */
export function beginChats({ self, given }: Call): Begun {
  const list = given.find(Array.isArray) as readonly unknown[] | undefined;
  const sender = isAgent(self) ? named(self, SOMEBODY) : undefined;
  const scope = new ForeignScope("chats", { sender, count: list?.length ?? 0 }, { parent: currentScope(), self, name: sender?.name ?? "" });
  return { scope, end: () => scope.end({}) };
}

function partiesOf({ self, given, meaning, options: { kind } }: Call): Parties {
  const agents = given.filter(isAgent);
  const options = optionsIn(given);
  const route = routeIn(given);
  const said = given.find((value) => isRecord(value) && isMessage(value) && !isAgent(value));
  const texts = given.filter((value) => typeof value === "string");
  const listed = given.find(Array.isArray) as readonly unknown[] | undefined;
  const message = field(route, "content", "message") ?? field(options, ...OPTIONS.message) ?? said ?? listed?.at(-1);
  if (route !== undefined) return { sender: named(route["from"], SOMEBODY), recipient: named(route["to"], "agent"), message };
  const hasSelf = isAgent(self);
  const from = field(options, "sender", "from");
  const to = field(options, "recipient", "to") ?? agents.at(hasSelf || from !== undefined ? 0 : 1);
  if (!hasSelf && meaning.isSure && agents.length === 0 && texts.length >= 3) {
    // Agents by their names: `initiateChat("alice", "bob", "hello")`.
    return { sender: named(texts[0], SOMEBODY), recipient: named(texts[1], "agent"), message: message ?? texts[2] };
  }
  const sender = from ?? (hasSelf && (to !== undefined || kind !== "agent") ? self : agents.length > 1 ? agents[0] : SOMEBODY);
  return {
    sender: named(sender, SOMEBODY),
    recipient: named(to ?? self, "group chat"),
    message: texts[0] ?? message,
  };
}

/** `{ from, to, content }`: who speaks to whom, by name. */
export function routeIn(given: readonly unknown[]): Fields | undefined {
  return given.find((value): value is Fields => isRecord(value) && nameOf(value["from"]) !== undefined && nameOf(value["to"]) !== undefined);
}

function optionsIn(given: readonly unknown[]): Fields | undefined {
  return given.findLast((value): value is Fields => isRecord(value) && !isAgent(value) && value["role"] === undefined);
}

function extraOf(options: Fields | undefined): Fields {
  const known = new Set<string>(Object.values(OPTIONS).flat());
  return Object.fromEntries(Object.entries(options ?? {}).filter(([name]) => !known.has(name)));
}

/** A `ChatResult` (autogen/agentchat/chat.py), as far as the library tells; what it leaves out is what was heard. */
function chatResult(result: unknown, chat: ChatMemory): EndDetails["chat"] {
  const { history, heard } = chat;
  return {
    // AG2 gives every chat a number of its own (autogen/agentchat/chat.py); so do we where the library does not.
    chatId: field(result, "chatId", "chat_id") ?? Math.floor(Math.random() * Number.MAX_SAFE_INTEGER),
    chatHistory: historyIn(result) ?? history,
    summary: summaryIn(result) ?? textOf(heard?.message),
    cost: field(result, "cost"),
    humanInput: field(result, "humanInput", "human_input"),
  } as EndDetails["chat"];
}
