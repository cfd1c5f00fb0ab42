/** Fields that all traces have: options of `init`. */

import { setTraceDefaults } from "../../instrument/trace-fields.js";

/** The fields that every trace has which starts from now on, unless `withTraceContext` or `updateCurrentTrace` wins. */
export interface TraceDefaultOptions {
  /** The tags of every trace. Replaces those that were given before; `null` removes them. */
  defaultTags?: Readonly<Record<string, string>> | null;
  /** Where the program runs, such as "production": the tag `environment` of every trace. `null` removes it. */
  environment?: string | null;
  /** The version of the program: the tag `release` of every trace. `null` removes it. */
  release?: string | null;
  /** The id of the user, for a program that has one: a page, a tool. `null` removes it. */
  userId?: string | null;
}

let current: TraceDefaultOptions = {};

/** Applies the options, which have been validated; an option that is left out stays as it is. */
export function setTraceDefaultOptions({
  defaultTags = current.defaultTags,
  environment = current.environment,
  release = current.release,
  userId = current.userId,
}: TraceDefaultOptions): void {
  current = { defaultTags, environment, release, userId };
  setTraceDefaults({
    tags: { ...defaultTags, ...(environment != null && { environment }), ...(release != null && { release }) },
    ...(userId != null && { userId }),
  });
}
