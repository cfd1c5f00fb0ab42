/**
 * Chats of third-party libraries: reads from a call of `initiateChat`, `GroupChat.run` and the like who
 * chats with whom, and from its result the history and summary.
 */

import type { EndDetails, Named, StartDetails } from "../../agents/observe/observer.js";
import { currentScope } from "../context.js";
import { field, type Fields, isObject, isPlainObject, asList, spellings, isList } from "../fields.js";
import type { StartedOperation, Call } from "./call.js";
import { listenForMessages } from "./message-listener.js";
import { isAgent, isConversation } from "./object-shape.js";
import { namedAgent, agentName } from "./agent-names.js";
import { historyIn, isMessage, isSameMessage, summaryIn, textOf } from "./message-fields.js";
import { enclosing, type ChatState, ThirdPartyScope, innermostScope } from "./third-party-scope.js";

/** The sender of a chat whose call does not name one. */
const DEFAULT_SENDER = "user";

/** Methods of a group's manager that make its reply (AG2: `run_chat` is a reply function). */
const INSIDE_OF_REPLY = /^(?:run(?:group)?(?:chat)?|start)$/;

// The options of `initiateChat` that are inputs of their own (autogen/agentchat/conversable_agent.py), by the
// names of AG2 and its ports.
const MESSAGE = "message initialMessage task prompt input topic content query";
const MAX_TURNS = "maxTurns maxRounds maxRound";
const HANDLED_OPTIONS =
  `${MESSAGE} ${MAX_TURNS} clearHistory silent summaryMethod summaryArgs cache ` + "recipient sender from to messages";

/** The two parties of a chat, and the first message. */
export interface ChatParties {
  readonly sender: Named;
  readonly recipient: Named;
  readonly message: unknown;
}

/** Starts a chat, unless the call is a part of one that has started already. */
export function startChat(call: Call): StartedOperation | undefined {
  const { self, meaning } = call;
  const inner = innermostScope();
  if (inner?.isOpen && inner.self === self && self !== undefined) {
    // One method of a chat calls another, or the call is how a manager makes its reply.
    if (inner.kind === "chat" || (inner.kind === "reply" && INSIDE_OF_REPLY.test(meaning.name))) return undefined;
  }
  if (!meaning.isCertain && !isIntendedAsChat(call)) return undefined;
  const parties = partiesOf(call);
  // One object forwards the chat to another, before the first message.
  if (
    inner?.kind === "chat" &&
    inner.isOpen &&
    inner.chat?.lastMessage === undefined &&
    isSameMessage(parties.message, inner.chat?.initial)
  )
    return undefined;
  const operation = openChat(call, parties);
  listenForMessages(self, operation.scope);
  return operation;
}

/**
 * Whether a `run` or a `start` is a chat: that of an agent is, unless a chat calls it; that of another object if
 * it is a conversation.
 */
function isIntendedAsChat({ self, args, options: { kind } }: Call): boolean {
  if (kind === "agent") return enclosing(currentScope(), "chat") === undefined;
  return routeIn(args) !== undefined || (isObject(self) && isConversation(self));
}

/** Starts a chat between these parties. */
export function openChat({ self, args }: Call, { sender, recipient, message }: ChatParties): StartedOperation {
  const options = optionsIn(args);
  const chat: ChatState = {
    initial: isMessage(message) ? message : undefined,
    sender: sender.name,
    lastMessage: undefined,
    lastTurn: undefined,
    history: [],
  };
  const details = {
    sender,
    recipient,
    message,
    // AG2's default, for libraries without the option.
    clearHistory: field(options, "clearHistory") ?? args.find((value) => typeof value === "boolean") ?? true,
    silent: field(options, "silent"),
    maxTurns: field(options, MAX_TURNS) ?? args.find((value) => typeof value === "number"),
    summaryMethod: field(options, "summaryMethod"),
    summaryArgs: field(options, "summaryArgs") ?? {},
    cache: field(options, "cache"),
    extra: Object.fromEntries(
      Object.entries(options ?? {}).filter(([name]) => !spellings(HANDLED_OPTIONS).includes(name)),
    ),
  } as StartDetails["chat"];
  return new ThirdPartyScope("chat", self, recipient.name, details, currentScope(), chat).started((result) =>
    chatResult(result, chat),
  );
}

/** Starts a queue of chats. */
export function startChats({ self, args }: Call): StartedOperation {
  const sender = isAgent(self) ? namedAgent(self, DEFAULT_SENDER) : undefined;
  const count = asList(args.find(isList))?.length ?? 0;
  return new ThirdPartyScope("chats", self, sender?.name ?? "", { sender, count }).started(() => ({}));
}

function partiesOf({ self, args, meaning, options: { kind } }: Call): ChatParties {
  const agents = args.filter(isAgent);
  const options = optionsIn(args);
  const route = routeIn(args);
  const messageObject = args.find((value) => isPlainObject(value) && isMessage(value) && !isAgent(value));
  const texts = args.filter((value) => typeof value === "string");
  const message =
    field(route, "content message") ?? field(options, MESSAGE) ?? messageObject ?? asList(args.find(isList))?.at(-1);
  if (route !== undefined)
    return { sender: namedAgent(route["from"], DEFAULT_SENDER), recipient: namedAgent(route["to"], "agent"), message };
  const hasSelf = isAgent(self);
  const from = field(options, "sender from");
  const to = field(options, "recipient to") ?? agents.at(hasSelf || from !== undefined ? 0 : 1);
  if (!hasSelf && meaning.isCertain && agents.length === 0 && texts.length >= 3) {
    // Agents given by name: `initiateChat("alice", "bob", "hello")`.
    return {
      sender: namedAgent(texts[0], DEFAULT_SENDER),
      recipient: namedAgent(texts[1], "agent"),
      message: message ?? texts[2],
    };
  }
  const sender =
    from ?? (hasSelf && (to !== undefined || kind !== "agent") ? self : agents.length > 1 ? agents[0] : DEFAULT_SENDER);
  return {
    sender: namedAgent(sender, DEFAULT_SENDER),
    recipient: namedAgent(to ?? self, "group chat"),
    message: texts[0] ?? message,
  };
}

/** An argument `{ from, to, content }`, with sender and recipient. */
export function routeIn(args: readonly unknown[]): Fields | undefined {
  return args.find(
    (value): value is Fields =>
      isPlainObject(value) && agentName(value["from"]) !== undefined && agentName(value["to"]) !== undefined,
  );
}

function optionsIn(args: readonly unknown[]): Fields | undefined {
  return args.findLast(
    (value): value is Fields => isPlainObject(value) && !isAgent(value) && value["role"] === undefined,
  );
}

/**
 * A `ChatResult` (autogen/agentchat/chat.py) from the library's result, and where fields are missing from the
 * reported messages.
 */
function chatResult(result: unknown, { history, lastMessage }: ChatState): EndDetails["chat"] {
  return {
    // As in AG2 (autogen/agentchat/chat.py), for libraries without ids of their own.
    chatId: field(result, "chatId") ?? Math.floor(Math.random() * Number.MAX_SAFE_INTEGER),
    chatHistory: historyIn(result) ?? history,
    summary: summaryIn(result) ?? textOf(lastMessage?.message),
    cost: field(result, "cost"),
    humanInput: field(result, "humanInput"),
  } as EndDetails["chat"];
}
