/** Which of the program's values get into traces: options of `init`. */

import { DEFAULT_RULES, setCaptureRules } from "../../capture/capture.js";
import { Masking } from "../../capture/mask.js";
import type { MaskKeys } from "../../capture/mask-keys.js";
import { type Redact, setPrivacyPolicy } from "../../redaction/redaction.js";

/** The options of `init` for redaction, masking and the capture of values. */
export interface PrivacyOptions {
  /**
   * Called with each finished span before any of it is buffered, sent, stored or shown; its changes, or the
   * span that it returns, are what is recorded. `null` or `false` drops the span (`redacted` in
   * `stats().dropped`). Not async: a promise, or anything else that it returns, drops the span too. If it throws,
   * the span is recorded without inputs, outputs and everything else that may hold values. Both count in
   * `stats().redactFailures`. The option `null` removes it.
   */
  redact?: Redact | null;
  /** `false`: no span has inputs. Default `true`. */
  captureInputs?: boolean;
  /** `false`: no span has outputs. Default `true`. */
  captureOutputs?: boolean;
  /**
   * Keys whose texts and numbers are recorded as `"***"`, anywhere in captured values, attributes, tags and
   * metadata, and in JSON, headers and queries within texts: names (compared without case and separators) and
   * patterns are added to those that are always masked (`apiKey`, `Authorization`, `password`, whatever ends in
   * `token` and the like; never counts such as `max_tokens`); a function replaces all of them; `false` masks
   * nothing.
   */
  maskKeys?: MaskKeys;
  /** Longer texts are truncated, with a mark that has their length. UTF-16 units; default 8 Mi. */
  maxTextCharacters?: number;
  /** The limit of all texts and keys of one value together; the rest is truncated. UTF-16 units; default 16 Mi. */
  maxValueCharacters?: number;
  /** The most members and items of one value, however deep; the rest is left out, with a mark. Default 250,000. */
  maxValueItems?: number;
}

const LIMITS = Object.keys(DEFAULT_RULES) as (keyof typeof DEFAULT_RULES)[];

/** Applies the options, which have been validated; an option that is left out stays as it is. */
export function setPrivacy(options: PrivacyOptions): void {
  const { maskKeys } = options;
  setCaptureRules({
    ...Object.fromEntries(
      LIMITS.filter((limit) => options[limit] !== undefined).map((limit) => [limit, options[limit]]),
    ),
    ...(maskKeys !== undefined && { masking: maskKeys === false ? undefined : new Masking(maskKeys) }),
  });
  setPrivacyPolicy(options);
}
