/** The results of tools in a group (AG2: agentchat/group/reply_result.py). */

import { checkOptions, type OptionRules } from "../util/options.js";
import { toolResultText } from "../tools/tool-text.js";
import type { VariablesInput } from "./context-variables.js";
import { TransitionTarget } from "./targets.js";

/** Options of `ReplyResult`. */
export interface ReplyResultOptions {
  /** The text that the model gets. */
  message: string;
  /** The target that the group hands off to after the tool; not given: the agent that called it goes on. */
  target?: TransitionTarget | null | undefined;
  /** The context variables to add and replace; others stay. */
  contextVariables?: VariablesInput | null | undefined;
}

const REPLY_RESULT_OPTIONS: OptionRules<ReplyResultOptions> = {
  message: "text",
  target: "any",
  contextVariables: "any",
};

/**
 * The result of a tool in a group: the text for the model, and if given changed context variables and the target of
 * a handoff. A tool gets a copy of the context variables, so that only those of its result are kept.
 *
 * @example
 * const book = ({ day }: { day: string }) =>
 *   new ReplyResult({ message: `Booked for ${day}.`, contextVariables: { day }, target: new AgentTarget(guide) });
 */
export class ReplyResult {
  /** The text that the model gets. */
  readonly message: string;
  /** The target that the group hands off to. */
  readonly target: TransitionTarget | undefined;
  /** The context variables to add and replace. */
  readonly contextVariables: VariablesInput | undefined;

  /** Creates a result. */
  constructor(options: ReplyResultOptions) {
    checkOptions("ReplyResult", options, REPLY_RESULT_OPTIONS);
    const { message, target, contextVariables } = options;
    this.message = message;
    this.target = target ?? undefined;
    this.contextVariables = contextVariables ?? undefined;
  }
}

/** The text of a tool's result for the model: nothing is "" here. */
export function groupToolText(result: unknown): string {
  if (result === null || result === undefined) return "";
  if (result instanceof ReplyResult) return result.message;
  return result instanceof TransitionTarget ? String(result) : toolResultText(result);
}
