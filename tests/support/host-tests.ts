/**
 * Tests that are declared for every host: the scenarios run there from the packed package, against a real MLflow
 * server and a scripted model, and the traces must equal those of the Python programs.
 */

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { fileURLToPath } from "node:url";
import { after, before, describe, test } from "node:test";
import { compareWithGolden, type Comparison } from "./golden.js";
import { type MlflowServer, mlflowServer } from "./mlflow-server.js";
import { type ScriptState, startModelServer } from "./model-server.js";
import { userProject } from "./packed-package.js";
import { type ParentsReport, assertParents } from "./parents.js";
import { type PageServer, startPageServer } from "./page-server.js";
import type { ChatReport, ReadBackReport } from "./result.js";
import type { HostDriver } from "./hosts.js";
import { unlistedDifferences } from "./parity.js";

/** The scenarios that are compared with their golden files in every host. */
export const SCENARIOS = ["calculator", "two_agent_joke", "parallel_tool_calls"];

/** Scenarios that do not depend on the host, so that one host is enough. */
export const MORE_SCENARIOS = ["human_input_never_default_reply", "termination_reasons", "tool_error"];

interface Outcome {
  report: ChatReport;
  script: ScriptState;
  comparison: Comparison;
  experiment: string;
}

/** The outcome of each scenario; an `Error` where the program failed. */
type Outcomes = Map<string, Outcome | Error>;

/** Declares the tests of one host. */
export function declareHostTests(name: string, host: HostDriver, scenarios: readonly string[] = SCENARIOS): void {
  const outcomes: Outcomes = new Map();
  let server: MlflowServer;
  let pages: PageServer;

  describe(`in ${name}`, () => {
    before(async () => {
      const programs = fileURLToPath(new URL("../hosts/programs", import.meta.url));
      const [project, started] = await Promise.all([userProject(programs), mlflowServer()]);
      server = started;
      pages = await startPageServer(project);
      await host.open(project, pages);
      await runScenarios(host, server.uri, scenarios, outcomes);
    });
    after(async () => {
      await host.close();
      await pages?.stop();
      await server?.stop();
    });

    for (const scenario of scenarios) {
      test(`${scenario} has the trace, the model requests and the result of the Python program`, () => {
        const { comparison } = seen(outcomes, scenario);
        assert.deepEqual(unlistedDifferences(scenario, comparison.differences), []);
      });
      test(`${scenario} sends the model exactly the requests that the script expects`, () => {
        const { script } = seen(outcomes, scenario);
        assert.deepEqual({ unused: script.unused, mismatches: script.mismatches }, { unused: [], mismatches: [] });
      });
      test(`${scenario} gives the program its own trace, complete and with correct times`, () => {
        assertOwnTrace(seen(outcomes, scenario).report);
      });
    }

    test("calculator counts the tokens of MLflow's documentation page", () => {
      const { trace } = seen(outcomes, "calculator").report;
      assert.deepEqual(trace?.tokenUsage, { input_tokens: 1569, output_tokens: 229, total_tokens: 1798 });
      const perCall = trace?.spans
        .filter((span) => span.type === "LLM")
        .map(({ tokenUsage }) => [
          tokenUsage?.["input_tokens"],
          tokenUsage?.["output_tokens"],
          tokenUsage?.["total_tokens"],
        ]);
      assert.deepEqual(perCall, [
        [110, 61, 171],
        [191, 61, 252],
        [269, 24, 293],
        [302, 23, 325],
        [333, 22, 355],
        [364, 38, 402],
      ]);
    });

    test("two hundred concurrent chats, with chats and spans inside, have no span below a wrong parent", async () => {
      assertParents((await host.run("many_chats.js", "?")) as ParentsReport);
    });

    test("another program reads the same trace back from the server", async () => {
      const { trace } = seen(outcomes, "calculator").report;
      const query = settingsQuery({ trackingUri: server.uri, traceId: trace?.traceId ?? "" });
      const read = (await host.run("read_back.js", query)) as ReadBackReport;
      assert.deepEqual(read.trace, trace);
      assert.match(read.preview ?? "", /What is \(44231/);
      assert.match(read.experimentId ?? "", /^\d+$/);
      assert.equal(read.unknown, null);
    });
  });
}

async function runScenarios(
  host: HostDriver,
  trackingUri: string,
  scenarios: readonly string[],
  outcomes: Outcomes,
): Promise<void> {
  const candidates = [];
  for (const scenario of scenarios) {
    const model = await startModelServer(scenario);
    try {
      const experiment = `${scenario} ${randomUUID()}`;
      const query = settingsQuery({ trackingUri, experiment, baseUrl: model.baseUrl });
      const report = (await host.run(`${scenario}.js`, query)) as ChatReport;
      outcomes.set(scenario, {
        report,
        script: await model.state(),
        experiment,
        comparison: { differences: ["not compared"], used: [] },
      });
      candidates.push({
        name: scenario,
        traces: { uri: trackingUri, experiment },
        requests: model.log,
        result: { outcome: "ok", results: report.results, exception: null },
      });
    } catch (error) {
      outcomes.set(scenario, error instanceof Error ? error : new Error(String(error)));
    } finally {
      await model.stop();
    }
  }
  const comparisons = await compareWithGolden(candidates);
  for (const [scenario, outcome] of outcomes) {
    const comparison = comparisons[scenario];
    if (!(outcome instanceof Error) && comparison !== undefined) outcome.comparison = comparison;
  }
}

function settingsQuery(settings: Record<string, string>): string {
  return `?${new URLSearchParams(settings)}`;
}

function seen(outcomes: Outcomes, scenario: string): Outcome {
  const outcome = outcomes.get(scenario);
  assert.ok(outcome, `${scenario} did not run`);
  if (outcome instanceof Error) throw outcome;
  return outcome;
}

function assertOwnTrace({ trace, stats }: ChatReport): void {
  assert.ok(trace, "`getTrace(getLastActiveTraceId())` found nothing");
  assert.match(trace.traceId, /^tr-[0-9a-f]{32}$/);
  assert.equal(trace.state, "OK");
  const byId = new Map(trace.spans.map((span) => [span.spanId, span]));
  assert.equal(trace.spans.filter((span) => span.parentId === null).length, 1);
  for (const span of trace.spans) {
    assert.ok(BigInt(span.startTimeNs) <= BigInt(span.endTimeNs), `${span.name} ends before it starts`);
    if (span.parentId === null) continue;
    const parent = byId.get(span.parentId);
    assert.ok(parent, `${span.name} has no parent in the trace`);
    assert.ok(
      BigInt(parent.startTimeNs) <= BigInt(span.startTimeNs) && BigInt(span.endTimeNs) <= BigInt(parent.endTimeNs),
      `${span.name} is not within ${parent.name}`,
    );
  }
  assert.equal(stats["delivered"], stats["started"], `not every span was delivered: ${JSON.stringify(stats)}`);
}
