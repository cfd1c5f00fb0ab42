/** The check of the options of agents. */

import { AgentError } from "./errors.js";
import { checkByRules, type OptionRule } from "./option-rules.js";

export type { OptionRule, OptionRules } from "./option-rules.js";

/**
 * Checks the options of the function `what`. With `mayHaveOthers`, names that are not nearly those of options are the
 * program's own.
 *
 * @throws AgentError `invalid_option` for a misspelt name and for a value that the option cannot have
 */
export function checkOptions(
  what: string,
  options: unknown,
  rules: Readonly<Record<string, OptionRule>>,
  mayHaveOthers = false,
): void {
  checkByRules(what, options, rules, (message) => new AgentError("invalid_option", message), mayHaveOthers);
}
