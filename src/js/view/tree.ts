/** The tree of a trace's spans, in the order of their start. */

import type { Span, Trace } from "../reading/trace.js";

/** A span with its children. */
export interface SpanNode {
  readonly span: Span;
  readonly parent: SpanNode | undefined;
  readonly children: SpanNode[];
  /** The level in the tree; 1 for a root. */
  readonly level: number;
  /** The position among its siblings; 1 for the first. */
  readonly position: number;
}

/**
 * The roots of the tree. A span whose parent is not (yet) in the trace is a root too, so that every
 * recorded span is visible; so is one span of a cycle of parents, which occurs in corrupt data.
 */
export function treeOf({ data: { spans } }: Trace): SpanNode[] {
  const inOrder = [...spans].sort((one, other) =>
    one.startTimeNs < other.startTimeNs ? -1 : one.startTimeNs > other.startTimeNs ? 1 : 0,
  );
  const ids = new Set(spans.map(({ spanId }) => spanId));
  const children = new Map<string | undefined, Span[]>();
  for (const span of inOrder) {
    const parentId = span.parentId !== null && ids.has(span.parentId) ? span.parentId : undefined;
    const siblings = children.get(parentId);
    if (siblings === undefined) children.set(parentId, [span]);
    else siblings.push(span);
  }
  const placed = new Set<string>();
  const roots = (children.get(undefined) ?? []).map((span, index) =>
    node(span, undefined, index + 1, children, placed),
  );
  for (const span of inOrder)
    if (!placed.has(span.spanId)) roots.push(node(span, undefined, roots.length + 1, children, placed));
  return roots;
}

function node(
  span: Span,
  parent: SpanNode | undefined,
  position: number,
  children: ReadonlyMap<string | undefined, Span[]>,
  placed: Set<string>,
): SpanNode {
  placed.add(span.spanId);
  const made: SpanNode = { span, parent, children: [], level: (parent?.level ?? 0) + 1, position };
  for (const child of children.get(span.spanId) ?? [])
    if (!placed.has(child.spanId)) made.children.push(node(child, made, made.children.length + 1, children, placed));
  return made;
}

/** The visible nodes, from top to bottom: all except descendants of collapsed ones. */
export function visibleNodes(roots: readonly SpanNode[], isCollapsed: (node: SpanNode) => boolean): SpanNode[] {
  return roots.flatMap((root) => [root, ...(isCollapsed(root) ? [] : visibleNodes(root.children, isCollapsed))]);
}

/**
 * The time without events after which a running trace is not shown up to now: ten times its length, but at least a
 * minute.
 */
const MIN_STALLED_NS = 60_000_000_000n;
const STALLED_FACTOR = 10n;

/**
 * The start and the end of a trace, in nanoseconds since 1970. A running one ends now, unless its last
 * event is so long ago that its spans would be too narrow.
 */
export function timesOf({ data: { spans } }: Trace, nowNs: bigint): { startNs: bigint; endNs: bigint } {
  const starts = spans.map(({ startTimeNs }) => startTimeNs);
  const startNs = starts.reduce((least, time) => (time < least ? time : least), starts[0] ?? 0n);
  const times = spans.flatMap(({ startTimeNs, endTimeNs }) => [startTimeNs, endTimeNs ?? startTimeNs]);
  const latestNs = times.reduce((most, time) => (time > most ? time : most), startNs);
  if (spans.every(({ endTimeNs }) => endTimeNs !== undefined) || nowNs < latestNs) return { startNs, endNs: latestNs };
  const stretchedNs = (latestNs - startNs) * STALLED_FACTOR;
  const limitNs = startNs + (stretchedNs > MIN_STALLED_NS ? stretchedNs : MIN_STALLED_NS);
  return { startNs, endNs: nowNs < limitNs ? nowNs : limitNs };
}
