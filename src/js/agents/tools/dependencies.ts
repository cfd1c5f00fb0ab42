/** The dependencies of chats, which tools get in their context (AG2: tools/dependency_injection.py). */

import type { Scope } from "../observe/observer.js";

const byChat = new WeakMap<Scope, Readonly<Record<string, unknown>>>();

/** Sets the dependencies for the tools of a chat, beside those of the chats around it. */
export function setDependencies(chat: Scope, dependencies: Readonly<Record<string, unknown>> | undefined): void {
  if (dependencies !== undefined) byChat.set(chat, { ...dependenciesOf(chat.parent), ...dependencies });
}

/** The dependencies of the chat that `scope` is part of. */
export function dependenciesOf(scope: Scope | undefined): Readonly<Record<string, unknown>> {
  for (let chat = scope; chat !== undefined; chat = chat.parent) {
    const dependencies = byChat.get(chat);
    if (dependencies !== undefined) return dependencies;
  }
  return {};
}
