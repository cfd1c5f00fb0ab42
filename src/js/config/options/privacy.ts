/** What of the program's values gets into traces: options of `init`. */

import { DEFAULT_RULES, setCaptureRules } from "../../capture/capture.js";
import { Masking, type MaskKeys } from "../../capture/mask.js";
import { type Redact, setExposure } from "../../redaction/redaction.js";

/** What `init` can be told about what is recorded of values. */
export interface PrivacyOptions {
  /**
   * Called with each finished span before anything of it is kept for sending, sent, stored or shown;
   * what it changes is what is recorded. Not async. If it throws or gives a promise, the span is
   * recorded without inputs, outputs and whatever else may hold values (`stats().redactFailures`).
   * `null` takes it back.
   */
  redact?: Redact | null;
  /** `false`: no span has inputs. Default `true`. */
  captureInputs?: boolean;
  /** `false`: no span has outputs. Default `true`. */
  captureOutputs?: boolean;
  /**
   * Keys whose texts and numbers are recorded as `"***"`, wherever they stand in captured values and
   * in JSON text within texts: names (compared without case, `-`, `_`) and patterns are added to
   * those that are masked anyway (`apiKey`, `Authorization`, `password`, `access_token` and the like;
   * never counts such as `max_tokens`); a function stands in place of all of them; `false` masks nothing.
   */
  maskKeys?: MaskKeys;
  /** Longer texts are cut, with a mark that says how long they were. UTF-16 units; default 8 Mi. */
  maxTextCharacters?: number;
  /** All texts and keys of one value together; what is more is cut. UTF-16 units; default 16 Mi. */
  maxValueCharacters?: number;
  /** Members and items of one value, however deep; what is more is left out, with a mark. Default 250,000. */
  maxValueItems?: number;
}

const LIMITS = Object.keys(DEFAULT_RULES) as (keyof typeof DEFAULT_RULES)[];

/** Takes the options in, which have been checked; what is left out stays as it is. */
export function setPrivacy(options: PrivacyOptions): void {
  const { maskKeys } = options;
  setCaptureRules({
    ...Object.fromEntries(
      LIMITS.filter((limit) => options[limit] !== undefined).map((limit) => [limit, options[limit]]),
    ),
    ...(maskKeys !== undefined && { masking: maskKeys === false ? undefined : new Masking(maskKeys) }),
  });
  setExposure(options);
}
