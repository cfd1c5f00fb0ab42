/** The two-agent example, with the packed package, in every host: each must send MLflow the trace that Python sends. */

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import type { Browser } from "playwright-core";
import { startBrowser } from "../support/browser.js";
import { temporaryFolder } from "../support/folder.js";
import { type Candidate, compareWithGolden, type Comparison } from "../support/golden.js";
import { unlistedDifferences } from "../support/parity.js";
import type { RunExample } from "../support/matrix/context.js";
import { type MlflowServer, mlflowServer } from "../support/mlflow-server.js";
import { type ScriptState, startModelServer } from "../support/model-server.js";
import { tarballOf, userProject } from "../support/packed-package.js";
import { projectRoot } from "../support/project.js";
import { HOSTS } from "./matrix.js";

interface Report {
  results: Record<string, unknown>;
  trace: unknown;
  flushed: { pending: number };
  stats: { started: number; delivered: number; hookFailures: number };
}

interface Outcome {
  report: Report;
  script: ScriptState;
}

const TESTED = Object.entries(HOSTS).flatMap(([name, host]) => ("run" in host ? [{ name, run: host.run }] : []));
const MISSING = Object.entries(HOSTS).flatMap(([name, host]) =>
  "missing" in host ? [`${name}: ${host.missing}`] : [],
);
/** So many at a time: what each does is mostly waiting for its own start. */
const AT_ONCE = 3;

describe("the matrix of hosts", () => {
  const outcomes = new Map<string, Outcome | Error>();
  const candidates: Candidate[] = [];
  let comparisons: Record<string, Comparison> = {};
  let server: MlflowServer | undefined;
  let browser: Browser | undefined;

  before(async () => {
    const apps = fileURLToPath(new URL("apps", import.meta.url));
    const folder = temporaryFolder("tarball");
    const [tarball, project, started, opened] = await Promise.all([
      tarballOf(folder),
      userProject(apps),
      mlflowServer(),
      startBrowser(),
    ]);
    server = started;
    browser = opened;
    const { uri } = started;

    async function runIn(name: string, run: RunExample): Promise<void> {
      const model = await startModelServer("calculator");
      try {
        const experiment = `${name} ${randomUUID()}`;
        const query = `?${new URLSearchParams({ trackingUri: uri, experiment, baseUrl: model.baseUrl })}`;
        const report = (await run({ project, tarball, query, browser: opened })) as Report;
        outcomes.set(name, { report, script: await model.state() });
        candidates.push({
          name: "calculator",
          as: name,
          traces: { uri, experiment },
          requests: model.log,
          result: { outcome: "ok", results: report.results, exception: null },
        });
      } catch (error) {
        outcomes.set(name, error instanceof Error ? error : new Error(String(error)));
      } finally {
        await model.stop();
      }
    }

    const waiting = [...TESTED];
    const worker = async (): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await runIn(next.name, next.run);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    comparisons = await compareWithGolden(candidates);
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
  });

  for (const { name } of TESTED) {
    test(`${name} leaves the trace, the model requests and the result that Python leaves`, () => {
      const outcome = outcomes.get(name);
      if (outcome instanceof Error) throw outcome;
      assert.ok(outcome, "it did not run");
      const { report, script } = outcome;
      assert.deepEqual(unlistedDifferences("calculator", comparisons[name]?.differences), []);
      assert.deepEqual([script.unused, script.mismatches], [[], []]);
      assert.deepEqual(report.trace, {
        state: "OK",
        tokenUsage: { input_tokens: 1569, output_tokens: 229, total_tokens: 1798 },
        spans: 24,
      });
      const { started, delivered, hookFailures } = report.stats;
      assert.deepEqual([delivered, hookFailures, report.flushed.pending], [started, 0, 0]);
    });
  }

  test("docs/hosts.md has a row for each host, with how it is tested, and for no other", () => {
    const page = readFileSync(join(projectRoot, "docs", "hosts.md"), "utf8");
    const rows = [...page.matchAll(/^\| (?!Host|---)(.+?) \| (.+?) \| (.+?) \|$/gm)].map(([, name, , how]) => [
      name,
      how,
    ]);
    const expected = Object.entries(HOSTS).map(([name, host]) => [
      name,
      "missing" in host ? `not run: ${host.missing}` : host.how,
    ]);
    assert.deepEqual(rows, expected);
  });

  test("hosts that are missing here are reported with their reason", (context) => {
    for (const line of MISSING) context.diagnostic(line);
    assert.ok(MISSING.every((line) => /: \S.{10,}/.test(line)));
  });
});
