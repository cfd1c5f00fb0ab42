/** The tree of a trace's spans, in the order in which they began. */

import type { Span, Trace } from "../reading/trace.js";

/** A span and what is part of it. */
export interface SpanNode {
  readonly span: Span;
  readonly parent: SpanNode | undefined;
  readonly children: SpanNode[];
  /** 1 for a root. */
  readonly level: number;
  /** Its place among its siblings, 1 for the first. */
  readonly position: number;
}

/**
 * The roots of the tree. A span whose parent is not (yet) in the trace is a root too, so that nothing
 * that was recorded stays invisible; so is one of a ring of parents, which only broken data has.
 */
export function treeOf({ data: { spans } }: Trace): SpanNode[] {
  const inOrder = [...spans].sort((one, other) => (one.startTimeNs < other.startTimeNs ? -1 : one.startTimeNs > other.startTimeNs ? 1 : 0));
  const ids = new Set(spans.map(({ spanId }) => spanId));
  const children = new Map<string | undefined, Span[]>();
  for (const span of inOrder) {
    const parentId = span.parentId !== undefined && ids.has(span.parentId) ? span.parentId : undefined;
    const siblings = children.get(parentId);
    if (siblings === undefined) children.set(parentId, [span]);
    else siblings.push(span);
  }
  const placed = new Set<string>();
  const roots = (children.get(undefined) ?? []).map((span, index) => node(span, undefined, index + 1, children, placed));
  for (const span of inOrder) if (!placed.has(span.spanId)) roots.push(node(span, undefined, roots.length + 1, children, placed));
  return roots;
}

function node(span: Span, parent: SpanNode | undefined, position: number, children: ReadonlyMap<string | undefined, Span[]>, placed: Set<string>): SpanNode {
  placed.add(span.spanId);
  const made: SpanNode = { span, parent, children: [], level: (parent?.level ?? 0) + 1, position };
  for (const child of children.get(span.spanId) ?? []) if (!placed.has(child.spanId)) made.children.push(node(child, made, made.children.length + 1, children, placed));
  return made;
}

/** The nodes below `roots` that are shown, top to bottom: all but what is in a closed one. */
export function shown(roots: readonly SpanNode[], isClosed: (node: SpanNode) => boolean): SpanNode[] {
  return roots.flatMap((root) => [root, ...(isClosed(root) ? [] : shown(root.children, isClosed))]);
}

/** A trace that stands still is shown up to now for so long, and then for as long as ten times what it did. */
const STILL_NS = 60_000_000_000n;
const STILL_FACTOR = 10n;

/**
 * When a trace began and ended, in nanoseconds since 1970. One that runs ends now, unless nothing has
 * happened for so long that this would press all of it into a corner.
 */
export function timesOf({ data: { spans } }: Trace, nowNs: bigint): { startNs: bigint; endNs: bigint } {
  const starts = spans.map(({ startTimeNs }) => startTimeNs);
  const startNs = starts.reduce((least, time) => (time < least ? time : least), starts[0] ?? 0n);
  const told = spans.flatMap(({ startTimeNs, endTimeNs }) => [startTimeNs, endTimeNs ?? startTimeNs]);
  const latestNs = told.reduce((most, time) => (time > most ? time : most), startNs);
  if (spans.every(({ endTimeNs }) => endTimeNs !== undefined) || nowNs < latestNs) return { startNs, endNs: latestNs };
  const stretchedNs = (latestNs - startNs) * STILL_FACTOR;
  const limitNs = startNs + (stretchedNs > STILL_NS ? stretchedNs : STILL_NS);
  return { startNs, endNs: nowNs < limitNs ? nowNs : limitNs };
}
