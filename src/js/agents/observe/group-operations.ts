/** The details of operations in a group by a pattern, for observers. */

import type { ChatMessage } from "../message/message.js";
import type { Named } from "./observer.js";

/**
 * What fires a handoff in a group: a tool that the agent's model calls for it ("llm"), the result of another tool
 * ("tool"), the context variables before the agent speaks ("context"), a guardrail, the agent's own after work, or
 * the group's.
 */
export type HandoffTrigger = "llm" | "tool" | "context" | "guardrail" | "after_work" | "group_after_work";

/** A handoff, whose target is to be resolved. */
export interface HandoffStart {
  /** The agent that hands off. */
  from: Named;
  /** What fired. */
  by: HandoffTrigger;
  /** The condition as text: a prompt, an expression, the name of a tool or guardrail; `undefined`: always. */
  condition: string | undefined;
  /** The kind of target: "agent", "terminate", "stay", "group_manager", "function", … */
  targetKind: string;
  /** The name of the target for people. */
  target: string;
}

/** A handoff, whose target is resolved. */
export interface HandoffEnd {
  /** The next speaker; `undefined`: the chat ends, or the speaker is selected by `method`. */
  to: Named | undefined;
  /** The method of selection that the target asks for: "auto" (a model) or "manual" (a person). */
  method: "auto" | "manual" | undefined;
}

/** A check by a guardrail. */
export interface GuardrailStart {
  /** The agent that is guarded. */
  agent: Named;
  /** The guardrail's name. */
  name: string;
  /** Whether it checks the messages for the agent, or its reply. */
  side: "input" | "output";
  /** The condition as text. */
  condition: string;
  /** The messages, or the text of the reply. */
  checked: string | readonly ChatMessage[];
}

/** The outcome of a check. */
export interface GuardrailEnd {
  /** Whether it was activated. */
  activated: boolean;
  /** The reason. */
  justification: string;
  /** The name of the target that the group hands off to; `undefined` if it was not activated. */
  target: string | undefined;
}

/** The context variables that have changed in a turn: their values before and after, where they existed. */
export interface ContextVariableChanges {
  /** The earlier values. */
  readonly before: Readonly<Record<string, unknown>>;
  /** The new values. */
  readonly after: Readonly<Record<string, unknown>>;
}
