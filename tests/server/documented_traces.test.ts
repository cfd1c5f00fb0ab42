/** The traces in docs/traces.md are those of the conversations: each is run and compared. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import * as mlflow from "mlflow-ag2";
import { setPrinter } from "mlflow-ag2/agents/console";
import { scenarios } from "../agents/scenarios/all.js";
import { type ModelServer, startModelServer } from "../support/model-server.js";
import { goldenFolder, projectRoot } from "../support/project.js";
import { groupWithMcp } from "./group_with_mcp.js";
import { resetTracing } from "./tracing.js";

const PAGE = readFileSync(join(projectRoot, "docs", "traces.md"), "utf8");
const DOCUMENTED = [...PAGE.matchAll(/^```text (\w+)\n(.*?)^```$/gms)].map(([, name = "", outline = ""]) => ({
  name,
  outline,
}));

/** The conversations for which Python has no scenario. */
const OWN: Readonly<Record<string, () => Promise<unknown>>> = { group_with_mcp: groupWithMcp };

describe("the traces in docs/traces.md", () => {
  let model: ModelServer;
  let restorePrinter: () => void;
  before(async () => {
    await resetTracing();
    restorePrinter = setPrinter(() => {});
    model = await startModelServer("calculator");
    mlflow.autolog({ silent: true });
  });
  after(async () => {
    restorePrinter();
    await resetTracing();
    await model.stop();
  });

  test("there is one for each kind of conversation", () => {
    assert.ok(DOCUMENTED.length >= 10, `only ${DOCUMENTED.length}`);
  });

  async function runScenario(name: string): Promise<void> {
    await fetch(new URL("/__load", model.baseUrl), {
      method: "POST",
      body: readFileSync(join(goldenFolder, "scripts", `${name}.json`)),
    });
    // Conversations that fail leave a trace too, and are shown for that.
    await scenarios[name]?.({ baseUrl: model.baseUrl }).catch(() => {});
  }

  for (const { name, outline } of DOCUMENTED) {
    test(`${name} leaves the trace that is shown`, async () => {
      const own = OWN[name];
      if (own === undefined) await runScenario(name);
      else await own();
      const trace = await mlflow.getTrace(mlflow.getLastActiveTraceId());
      assert.ok(trace);
      assert.equal(outlineOf(trace), outline);
    });
  }
});

function outlineOf(trace: mlflow.Trace): string {
  const lines: string[] = [];
  const visit = (parentId: string | null, depth: number): void => {
    for (const span of trace.data.spans.filter((candidate) => candidate.parentId === parentId)) {
      lines.push(`${"  ".repeat(depth)}${describeSpan(span)}\n`);
      visit(span.spanId, depth + 1);
    }
  };
  visit(null, 0);
  return lines.join("");
}

function describeSpan(span: mlflow.Span): string {
  const usage = span.getAttribute("mlflow.chat.tokenUsage") as mlflow.TokenUsage | undefined;
  const words = [span.spanType, span.name];
  if (usage !== undefined) words.push(`${usage.input_tokens} + ${usage.output_tokens} tokens`);
  if (span.getAttribute("is_cached") === 1) words.push("(from the cache)");
  if (span.status.code === "ERROR") words.push("ERROR");
  return words.join(" ");
}
