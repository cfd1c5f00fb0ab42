/** What this program has added to traces that had ended, for those that are read from memory. */

import type { Assessment } from "./assessment.js";
import type { TraceInfoFields } from "./trace.js";

interface Additions {
  readonly assessments: Map<string, Assessment>;
  /** `undefined`: the tag was deleted. */
  readonly tags: Record<string, string | undefined>;
}

/** As many traces as memory holds. */
const MAX_TRACES = 100;
const additions = new Map<string, Additions>();

/** What was added to this trace. */
export function additionsTo(traceId: string): Additions {
  let added = additions.get(traceId);
  if (added === undefined) {
    additions.set(traceId, (added = { assessments: new Map(), tags: {} }));
    if (additions.size > MAX_TRACES) additions.delete(additions.keys().next().value!);
  }
  return added;
}

/** The metadata of a trace with what was added to it. */
export function withAdditions(info: TraceInfoFields): TraceInfoFields {
  const added = additions.get(info.traceId);
  if (added === undefined) return info;
  const tags = Object.entries({ ...info.tags, ...added.tags }).filter(([, value]) => value !== undefined);
  return {
    ...info,
    assessments: [...added.assessments.values()],
    tags: Object.fromEntries(tags) as Record<string, string>,
  };
}
