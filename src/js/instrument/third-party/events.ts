/**
 * Conversations whose turns cannot be seen, because the methods that make them are private, but that
 * tell of every message: whoever offers listeners is listened to.
 */

import { guard } from "../../util/guard.js";
import { field, type Fields, isFields } from "../fields.js";
import { originalOf } from "../patch.js";
import { thingOfObject } from "./kinds.js";
import { nameOf, speakerOf } from "./names.js";
import { isMessage, isSameMessage, textOf } from "./read.js";
import { type ForeignScope, tell } from "./report.js";

/** Methods that take a listener for messages, and do nothing else: read off their source, since `onMessage` may as well be what an agent does with one. */
const TAKES_LISTENER =
  /\.(?:on|addListener|addEventListener|subscribe)\(|listeners?\w*(?:\[[^\]]*\])?\.(?:push|add)\(|\blistener\b/;

/** The chat that goes on in each object that is listened to. An object is listened to once, for good. */
const chats = new WeakMap<object, { scope: ForeignScope | undefined }>();

/** From now on, the messages that `conversation` tells of belong to the chat `scope`. */
export function listenForMessages(conversation: unknown, scope: ForeignScope): void {
  if (!isFields(conversation) || tellsItsTurns(conversation)) return;
  const known = chats.get(conversation);
  if (known !== undefined) {
    known.scope = scope;
    return;
  }
  const chat = { scope };
  const listener = (...told: unknown[]): void =>
    guard(() => {
      if (chat.scope?.isOpen) take(chat.scope, told);
    });
  if (listen(conversation, listener)) chats.set(conversation, chat);
}

function tellsItsTurns(conversation: object): boolean {
  for (const { role } of thingOfObject(conversation).methods.values())
    if (role === "reply" || role === "turn" || role === "send") return true;
  // A group whose members are seen says nothing that they do not say.
  return Array.isArray(field(conversation, "agents participants members"));
}

function listen(conversation: Fields, listener: (...told: unknown[]) => void): boolean {
  const { on, emit, onMessage } = conversation;
  if (typeof on === "function" && typeof emit === "function") {
    Reflect.apply(on, conversation, ["message", listener]);
    return true;
  }
  if (
    typeof onMessage !== "function" ||
    !TAKES_LISTENER.test(Function.prototype.toString.call(originalOf(onMessage) ?? onMessage))
  )
    return false;
  Reflect.apply(onMessage, conversation, [listener]);
  return true;
}

/** A message was told of: the message itself, or an event with one in it. */
function take(scope: ForeignScope, told: readonly unknown[]): void {
  const { chat } = scope;
  const event = told.find(isFields);
  const message = told.find(isMessage) ?? field(event, "data detail payload");
  const speaker = speakerOf(message) ?? speakerOf(event) ?? nameOf(told[1]);
  if (
    chat === undefined ||
    message === undefined ||
    speaker === undefined ||
    isSameMessage(message, chat.heard?.message)
  )
    return;
  tell(scope, chat, speaker, { name: scope.name }, textOf(message) ?? "");
}
