/** Checks the parents of the spans of `many_chats`: each is the right one, or none where it is uncertain. */

import assert from "node:assert/strict";
import type { WireSpan } from "../hosts/programs/otlp.js";

/** What `many_chats` prints. */
export interface ParentsReport {
  started: Record<string, { parent: string; isPassed: boolean }>;
  sent: WireSpan[];
  hasAsyncContext: boolean;
  stats: Record<string, unknown>;
}

/**
 * Asserts that no span has a wrong parent, and that a parent is missing only in a host without an async context, for
 * spans without an explicit `parent`.
 */
export function assertParents({ started, sent, hasAsyncContext, stats }: ParentsReport): void {
  const byId = new Map(sent.map((span) => [span.spanId, span]));
  const names = new Map(sent.map((span) => [span, nameOf(span)]));
  const wrong: string[] = [];
  let missing = 0;
  for (const [span, name] of names) {
    const parent = byId.get(span.parentId);
    if (span.parentId !== "" && parent?.traceId !== span.traceId)
      wrong.push(`${name} has a parent that is not in its trace`);
    const actual = (parent && names.get(parent)) ?? "";
    const expected = started[name] ?? { parent: parentIn(span), isPassed: true };
    if (actual === expected.parent) continue;
    if (actual === "" && !hasAsyncContext && !expected.isPassed) missing += 1;
    else wrong.push(`${name} has the parent "${actual}" instead of "${expected.parent}"`);
  }
  assert.deepEqual(wrong, []);
  const arrived = new Set(names.values());
  assert.deepEqual(
    Object.keys(started).filter((name) => !arrived.has(name)),
    [],
  );

  const marked = sent.filter(({ attributes }) => attributes["mlflow_ag2.detached"] === true);
  assert.equal(stats["detached"], marked.length);
  assert.ok(
    hasAsyncContext ? marked.length === 0 : missing > 0 && marked.length >= missing,
    `${missing} of ${marked.length} marked spans lack their parent`,
  );
  assert.deepEqual([stats["hookFailures"], stats["eventErrors"], stats["orphans"], stats["open"]], [0, 0, 0, 0]);
}

/** The name of a span in the report of `many_chats`. */
function nameOf({ name, attributes }: WireSpan): string {
  const inputs = (): Record<string, unknown> =>
    JSON.parse(String(attributes["mlflow.spanInputs"])) as Record<string, unknown>;
  if (attributes["mlflow.spanType"] === "TOOL") return `${name} ${String(inputs()["id"])}`;
  return name === "initiate_chat" ? `chat ${String(inputs()["recipient"])}` : name;
}

/** The expected parent of an agents' span: the chat of a turn, and the agent's turn of a model call. */
function parentIn({ name, attributes }: WireSpan): string {
  return attributes["mlflow.spanType"] === "AGENT"
    ? `chat ${name.replace("user-of-", "")}`
    : String(attributes["source"]);
}
