/**
 * Trace parity tests: all scenarios run in a host with the tracer on, and the traces that a real MLflow server then
 * holds are compared with the golden files of the Python programs. A deliberate difference is a row of
 * tests/golden/scenarios.json with its reason and the expected value.
 */

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { scenarios } from "../agents/scenarios/all.js";
import { compareWithGolden, type Comparison } from "./golden.js";
import { mlflowServer } from "./mlflow-server.js";
import { startModelServer } from "./model-server.js";
import { userProject } from "./packed-package.js";
import { startPageServer } from "./page-server.js";
import { goldenFolder } from "./project.js";
import type { HostDriver } from "./hosts.js";

const NAMES = Object.keys(scenarios);

/** The output of tests/agents/scenarios/run_traced.ts. */
interface Report {
  stats: {
    started: number;
    delivered: number;
    open: number;
    eventErrors: number;
    hookFailures: number;
    orphans: number;
  };
}

/** Declares the tests of one host. */
export function declareTraceParityTests(host: string, driver: HostDriver): void {
  let comparisons: Record<string, Comparison> = {};
  let report: Report;
  const stops: (() => unknown)[] = [() => driver.close()];

  describe(`trace parity in ${host}`, () => {
    before(async () => {
      const project = await userProject(fileURLToPath(new URL("../agents/scenarios", import.meta.url)));
      cpSync(join(goldenFolder, "scripts"), join(project, "scripts"), { recursive: true });
      // One after the other: what has started is stopped even if the next does not start.
      const server = await mlflowServer();
      stops.push(() => server.stop());
      const model = await startModelServer("calculator");
      stops.push(() => model.stop());
      const pages = await startPageServer(project);
      stops.push(() => pages.stop());
      await driver.open(project, pages);
      const prefix = randomUUID();
      const settings = {
        model: model.baseUrl.replace(/\/v1$/, ""),
        scripts: new URL("/scripts", pages.page("", "")).href,
        trackingUri: server.uri,
        prefix,
      };
      report = (await driver.run("run_traced.js", `?${new URLSearchParams(settings)}`)) as Report;
      comparisons = await compareWithGolden(
        NAMES.map((name) => ({ name, traces: { uri: server.uri, experiment: `${prefix} ${name}` } })),
        "scenarios.json",
      );
    });
    after(async () => {
      for (const stop of stops.reverse()) await stop();
    });

    for (const name of NAMES) {
      test(`${name}: the trace that Python leaves, but for what is listed`, () => {
        assert.deepEqual(comparisons[name]?.differences, []);
      });
    }

    test("every row of the table names a scenario", () => {
      const table = JSON.parse(readFileSync(join(goldenFolder, "scenarios.json"), "utf8")) as { scenarios: object };
      assert.deepEqual(
        Object.keys(table.scenarios).filter((name) => !NAMES.includes(name)),
        [],
      );
    });

    test("every listed improvement over Python still explains something", () => {
      const table = JSON.parse(readFileSync(join(goldenFolder, "improvements.json"), "utf8")) as {
        improvements: { id: string }[];
      };
      const used = new Set(Object.values(comparisons).flatMap((comparison) => comparison.used));
      assert.deepEqual(
        table.improvements.map(({ id }) => id).filter((id) => !used.has(id)),
        [],
      );
    });

    test("every span arrived, and nothing was lost on the way", () => {
      const { started, delivered, open, eventErrors, hookFailures, orphans } = report.stats;
      assert.deepEqual(
        { delivered, open, eventErrors, hookFailures, orphans },
        { delivered: started, open: 0, eventErrors: 0, hookFailures: 0, orphans: 0 },
      );
    });
  });
}
