/** The check of the options of the tracer's functions. */

import { checkByRules, type OptionRule } from "../agents/util/option-rules.js";
import { invalid } from "./errors.js";

export type { OptionRules } from "../agents/util/option-rules.js";

/**
 * Checks the options of the function `what`. With `mayHaveOthers`, names that are not nearly those of options are
 * ignored.
 *
 * @throws MlflowAg2Error `invalid_argument` for a misspelt name and for a value that the option cannot have
 */
export function checkOptions(
  what: string,
  options: unknown,
  rules: Readonly<Record<string, OptionRule>>,
  mayHaveOthers = false,
): void {
  checkByRules(what, options, rules, invalid, mayHaveOthers);
}
