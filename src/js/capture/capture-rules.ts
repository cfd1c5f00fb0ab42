/** How much of a value is recorded, and what is masked in it. */

import type { Masking } from "./mask.js";

/** How much of one value is recorded, and what is masked in it. */
export interface CaptureRules {
  /** The most characters (UTF-16 units) of one text. */
  readonly maxTextCharacters: number;
  /** The most characters of all texts and keys of one value. */
  readonly maxValueCharacters: number;
  /** The most values inside one value, however deep: members of objects, items of lists. */
  readonly maxValueItems: number;
  /** `undefined`: nothing is masked. */
  readonly masking: Masking | undefined;
}

/**
 * The depth limit of values: MLflow returns spans as protobuf, where each object nests three messages,
 * and its parser stops at 100 (3.17.2 responds with 500 to `traces/get` from some 32 objects on). The
 * objects around a captured value (a message event, a list of messages) have to fit as well.
 */
export const MAX_DEPTH = 30;
