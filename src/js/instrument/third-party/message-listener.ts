/**
 * Conversations whose methods for turns are private, so that they cannot be hooked, but that accept
 * listeners for messages: their messages are reported from a listener.
 */

import { guard } from "../../util/guard.js";
import { field, type Fields, isObject } from "../fields.js";
import { originalOf } from "../patch.js";
import { shapeOfObject } from "./object-shape.js";
import { agentName, speakerName } from "./agent-names.js";
import { isMessage, isSameMessage, textOf } from "./message-fields.js";
import { type ThirdPartyScope, reportMessage } from "./third-party-scope.js";

/** Matches the source of a method that registers a listener: `onMessage` may also be an agent's handler of messages. */
const REGISTERS_LISTENER =
  /\.(?:on|addListener|addEventListener|subscribe)\(|listeners?\w{0,40}(?:\[[^\]]{0,100}\])?\.(?:push|add)\(|\blistener\b/;

/** The current chat of each object with a listener. An object gets one listener, which is never removed. */
const chats = new WeakMap<object, { scope: ThirdPartyScope | undefined }>();

/** Reports the messages that `conversation` emits from now on as part of the chat `scope`. */
export function listenForMessages(conversation: unknown, scope: ThirdPartyScope): void {
  if (!isObject(conversation) || hasVisibleTurns(conversation)) return;
  const known = chats.get(conversation);
  if (known !== undefined) {
    known.scope = scope;
    return;
  }
  const chat = { scope };
  const listener = (...event: unknown[]): void =>
    guard(() => {
      if (chat.scope?.isOpen) reportEvent(chat.scope, event);
    });
  if (addListener(conversation, listener)) chats.set(conversation, chat);
}

function hasVisibleTurns(conversation: object): boolean {
  for (const { role } of shapeOfObject(conversation).methods.values())
    if (role === "reply" || role === "turn" || role === "send") return true;
  // The members of such a group are hooked, and report all of its messages.
  return Array.isArray(field(conversation, "agents participants members"));
}

function addListener(conversation: Fields, listener: (...event: unknown[]) => void): boolean {
  const { on, emit, onMessage } = conversation;
  if (typeof on === "function" && typeof emit === "function") {
    Reflect.apply(on, conversation, ["message", listener]);
    return true;
  }
  if (
    typeof onMessage !== "function" ||
    !REGISTERS_LISTENER.test(Function.prototype.toString.call(originalOf(onMessage) ?? onMessage))
  )
    return false;
  Reflect.apply(onMessage, conversation, [listener]);
  return true;
}

/** Reports an emitted message: the arguments are the message itself, or an event that contains it. */
function reportEvent(scope: ThirdPartyScope, args: readonly unknown[]): void {
  const { chat } = scope;
  const event = args.find(isObject);
  const message = args.find(isMessage) ?? field(event, "data detail payload");
  const speaker = speakerName(message) ?? speakerName(event) ?? agentName(args[1]);
  if (
    chat === undefined ||
    message === undefined ||
    speaker === undefined ||
    isSameMessage(message, chat.lastMessage?.message)
  )
    return;
  reportMessage(scope, chat, speaker, { name: scope.name }, textOf(message) ?? "");
}
