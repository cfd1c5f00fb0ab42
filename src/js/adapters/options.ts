/** The check of the options of adapters, in the words of all other functions. */

import { checkByRules, type OptionRules } from "../agents/util/option-rules.js";
import { MlflowAg2Error, type SpanParent } from "../index.js";

/** The option of most adapters. */
export interface ParentOption {
  /** The parent of what is not part of another operation. */
  parent?: SpanParent | null | undefined;
}

/** The rules of an adapter whose only option is `parent`. */
export const PARENT_OPTION: OptionRules<ParentOption> = { parent: "parent" };

/**
 * The options of the adapter `what`, checked.
 *
 * @throws MlflowAg2Error `invalid_argument` for a misspelt name and for a value that the option cannot have
 */
export function checkedOptions<Options>(what: string, options: Options, rules: OptionRules<Options>): Options {
  checkByRules(what, options, rules, (message) => new MlflowAg2Error("invalid_argument", message));
  return options;
}
