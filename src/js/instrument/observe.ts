/**
 * Our own agents, seen through their observer seam: reported operations become facts for the core.
 * Nothing is patched.
 *
 * A scope that this file does not know (its chat began before tracing was on, or it is of a kind
 * that makes no span) passes its children on to the nearest ancestor that it does know; a scope
 * whose whole line is unknown is left alone, so that half a conversation never becomes a trace.
 */

import type { AgentObserver, EndDetails, MessageEvent, Scope, ScopeKind, StartDetails } from "../agents/observer.js";
import { core } from "../core.js";
import { guard } from "../guard.js";
import { deliverSoon } from "../lifecycle/deliver.js";
import { isEnabled } from "../switch.js";
import * as facts from "./facts.js";

/** The answer of `parentOf` for a scope whose line is unknown; 0 is a scope that stands alone. */
const UNKNOWN = -1;

/** What is remembered of a scope that has a span. */
interface Seen {
  readonly key: number;
  readonly agent: string;
  /** A reply whose message has arrived needs no outputs at its end. */
  delivered: boolean;
}

/** Turns reports into facts. Scopes are remembered weakly: one that never ends leaks nothing. */
export class AgentReporter implements AgentObserver {
  readonly #seen = new WeakMap<Scope, Seen>();

  start<K extends ScopeKind>(scope: Scope & { kind: K }, details: StartDetails[K]): void {
    if (!isEnabled()) return;
    guard(() => {
      const parent = this.#parentOf(scope);
      if (parent === UNKNOWN) return;
      const key = started(scope.kind, details as never, parent);
      if (key === 0) return;
      const agent = scope.kind === "reply" ? (details as StartDetails["reply"]).agent.name : "";
      this.#seen.set(scope, { key, agent, delivered: false });
    });
  }

  end<K extends ScopeKind>(scope: Scope & { kind: K }, details: EndDetails[K]): void {
    guard(() => {
      const seen = this.#seen.get(scope);
      if (seen === undefined) return;
      ended(scope.kind, seen, details as never);
      if (scope.parent === undefined) deliverSoon();
    });
  }

  failure(scope: Scope, error: unknown): void {
    guard(() => {
      const seen = this.#seen.get(scope);
      if (seen === undefined) return;
      facts.failed(seen.key, error);
      if (scope.parent === undefined) deliverSoon();
    });
  }

  message(scope: Scope | undefined, event: MessageEvent): void {
    guard(() => {
      if (scope === undefined) return;
      const key = this.#nearest(scope);
      if (key === UNKNOWN) return;
      facts.messageReceived(key, event);
      const seen = this.#seen.get(scope);
      if (seen !== undefined) seen.delivered = true;
    });
  }

  /** The span that a new scope hangs under: 0 for a scope of its own, `UNKNOWN` for an untraced line. */
  #parentOf(scope: Scope): number {
    return scope.parent === undefined ? 0 : this.#nearest(scope.parent);
  }

  #nearest(scope: Scope): number {
    for (let at: Scope | undefined = scope; at !== undefined; at = at.parent) {
      const seen = this.#seen.get(at);
      if (seen !== undefined) return seen.key;
    }
    return UNKNOWN;
  }
}

function started(kind: ScopeKind, details: never, parent: number): number {
  // Whoever reports, the core may have been refused by the host: then nothing is recorded.
  if (core() === undefined) return 0;
  switch (kind) {
    case "chat":
      return facts.chatStarted(parent, details);
    case "reply":
      return facts.replyStarted(parent, details);
    case "modelCall":
      return facts.modelCallStarted(parent, details);
    case "toolCall":
      return facts.toolCallStarted(parent, details);
    default:
      return 0;
  }
}

function ended(kind: ScopeKind, seen: Seen, details: never): void {
  switch (kind) {
    case "chat":
      return facts.chatEnded(seen.key, details);
    case "reply":
      return facts.replyEnded(seen.key, seen.delivered ? undefined : seen.agent, details);
    case "modelCall":
      return facts.modelCallEnded(seen.key, details);
    case "toolCall":
      return facts.toolCallEnded(seen.key, details);
    default:
  }
}
