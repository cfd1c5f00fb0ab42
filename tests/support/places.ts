/** Holds what `many_chats` sent to what it started: everything hangs where it belongs, or, where nobody can know, nowhere. */

import assert from "node:assert/strict";
import type { WireSpan } from "../hosts/programs/otlp.js";

/** What `many_chats` prints. */
export interface PlacesReport {
  started: Record<string, { parent: string; isTold: boolean }>;
  sent: WireSpan[];
  hasAsyncContext: boolean;
  stats: Record<string, unknown>;
}

/** No span has a wrong parent; and none lacks its own, but in a host without an async context those that were not told. */
export function provePlaces({ started, sent, hasAsyncContext, stats }: PlacesReport): void {
  const byId = new Map(sent.map((span) => [span.spanId, span]));
  const names = new Map(sent.map((span) => [span, nameOf(span)]));
  const wrong: string[] = [];
  let missing = 0;
  for (const [span, name] of names) {
    const parent = byId.get(span.parentId);
    if (span.parentId !== "" && parent?.traceId !== span.traceId)
      wrong.push(`${name} hangs below what is not in its trace`);
    const actual = (parent && names.get(parent)) ?? "";
    const expected = started[name] ?? { parent: parentIn(span), isTold: true };
    if (actual === expected.parent) continue;
    if (actual === "" && !hasAsyncContext && !expected.isTold) missing += 1;
    else wrong.push(`${name} hangs below "${actual}" instead of "${expected.parent}"`);
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
  assert.deepEqual([stats["hookFailures"], stats["factErrors"], stats["orphans"], stats["open"]], [0, 0, 0, 0]);
}

/** The name that `many_chats` has for a span. */
function nameOf({ name, attributes }: WireSpan): string {
  const inputs = (): Record<string, unknown> =>
    JSON.parse(String(attributes["mlflow.spanInputs"])) as Record<string, unknown>;
  if (attributes["mlflow.spanType"] === "TOOL") return `${name} ${String(inputs()["id"])}`;
  return name === "initiate_chat" ? `chat ${String(inputs()["recipient"])}` : name;
}

/** What a span of the agents' own belongs below: a turn below its chat, a model call below its agent's turn. */
function parentIn({ name, attributes }: WireSpan): string {
  return attributes["mlflow.spanType"] === "AGENT"
    ? `chat ${name.replace("user-of-", "")}`
    : String(attributes["source"]);
}
