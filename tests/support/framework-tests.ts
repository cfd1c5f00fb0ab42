/** The tests of an adapter: the same program in every host, its traces read back from a real MLflow server. */

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { getTrace, setTrackingUri, type Trace } from "mlflow-ag2";
import { type Framework, type FrameworkReport, runInHosts } from "./framework-hosts.js";
import { type MlflowServer, mlflowServer } from "./mlflow-server.js";
import { projectRoot } from "./project.js";

/** What is expected of one scenario. */
export interface Expected {
  /** The row of the matrix; none: the scenario is tested, but has no column there. */
  column?: string;
  /** What the program gets, as without the adapter. */
  value?: unknown;
  /** What it throws, as without the adapter. */
  thrown?: string;
  /** The state of the trace. */
  state: "OK" | "ERROR";
  /** Each span by its depth, type, name and, if it failed, error message; "…" stands for any end of the line. */
  tree: string[];
  /** Further expectations. */
  check?: (trace: Trace) => void;
}

/** A framework with what is expected of its program. */
export interface FrameworkTests extends Framework {
  /** As in the documentation, such as "LangChain". */
  title: string;
  scenarios: Readonly<Record<string, Expected>>;
  /** Starts what the program talks to, beside MLflow; returns settings for the program. */
  start?: (trackingUri: string) => Promise<{ settings: Record<string, string>; stop: () => Promise<void> }>;
  /** Hosts in which the framework does not run, with the reason. */
  missing?: Readonly<Record<string, string>>;
  /** How many traces are detached, by host: in a page, those that start after an `await` while another one is open. */
  detached?: Readonly<Record<string, number>>;
  /** Scenarios that differ in single hosts, because of the version or of the host itself. */
  differences?: Readonly<Record<string, Readonly<Record<string, Partial<Expected> | { missing: string }>>>>;
}

/** The hosts of every framework. */
const HOSTS = ["Node", "Node, oldest version", "Deno", "Chromium", "workerd"];

/** The tree of a trace as lines. */
export function treeOf(trace: Trace): string[] {
  const lines: string[] = [];
  const visit = (parent: string | undefined, depth: number): void => {
    for (const span of trace.data.spans.filter(({ parentId }) => (parentId ?? undefined) === parent)) {
      const failure = span.status.code === "ERROR" ? ` ! ${span.status.description ?? ""}` : "";
      lines.push(`${"  ".repeat(depth)}${span.spanType} ${span.name}${failure}`);
      visit(span.spanId, depth + 1);
    }
  };
  visit(undefined, 0);
  return lines;
}

/** Declares the tests of one framework. */
export function declareFrameworkTests(framework: FrameworkTests): void {
  const { title, scenarios, differences = {}, missing = {}, versions = {} } = framework;
  const hosts = [...HOSTS, ...Object.keys(versions)];
  let server: MlflowServer;
  let reports = new Map<string, FrameworkReport | Error>();
  const passed = new Map<string, Set<string>>();
  let partner: Awaited<ReturnType<NonNullable<FrameworkTests["start"]>>> | undefined;

  describe(`${title} in every host`, () => {
    before(async () => {
      server = await mlflowServer();
      partner = await framework.start?.(server.uri);
      reports = await runInHosts(framework, (host) => ({
        ...partner?.settings,
        trackingUri: server.uri,
        experiment: `${title} in ${host} ${randomUUID()}`,
      }));
    });
    after(async () => {
      await partner?.stop();
      await server?.stop();
    });

    for (const host of hosts) {
      for (const [name, scenario] of Object.entries(scenarios)) {
        const difference = differences[host]?.[name];
        const reason =
          missing[host] ?? (difference !== undefined && "missing" in difference ? difference.missing : undefined);
        const expected = { ...scenario, ...difference };
        // The matrix gives the reason.
        if (reason !== undefined) continue;
        test(`${host}: ${name} has the expected trace and result`, async () => {
          const report = reportOf(reports.get(host));
          const result = report.results[name];
          assert.ok(result, "it did not run");
          assert.deepEqual([result.value, result.thrown], [expected.value, expected.thrown]);
          setTrackingUri(server.uri);
          const trace = await getTrace(result.traceId);
          assert.ok(trace, "MLflow has no such trace");
          assert.deepEqual(withOpenEnds(treeOf(trace), expected.tree), expected.tree);
          assert.equal(trace.info.state, expected.state);
          expected.check?.(trace);
          if (scenario.column !== undefined) (passed.get(host) ?? newSet(passed, host)).add(scenario.column);
        });
      }
      if (missing[host] !== undefined) continue;
      test(`${host}: every span is delivered, none is left open, and no listener fails`, () => {
        const { started, delivered, open, hookFailures, detached } = reportOf(reports.get(host)).stats;
        assert.deepEqual([delivered, open, hookFailures, detached], [started, 0, 0, framework.detached?.[host] ?? 0]);
      });
    }

    test("the matrix says what was seen", () => {
      const columns = Object.entries(scenarios).flatMap(([name, { column }]) =>
        column === undefined ? [] : [{ name, column }],
      );
      const matrix = Object.fromEntries(
        hosts.map((host) => [
          host,
          Object.fromEntries(
            columns.map(({ name, column }) => {
              const difference = differences[host]?.[name];
              const reason = difference !== undefined && "missing" in difference ? difference.missing : missing[host];
              return [column, passed.get(host)?.has(column) === true ? "yes" : (reason ?? "no")];
            }),
          ),
        ]),
      );
      const path = join(projectRoot, "tests", "hosts", "frameworks", `${framework.program}.json`);
      const text = `${JSON.stringify(matrix, undefined, 2)}\n`;
      if (process.env["MLFLOW_AG2_UPDATE_FRAMEWORKS"] === "1") writeFileSync(path, text);
      assert.equal(readFileSync(path, "utf8"), text);
    });
  });
}

/** The lines, with "…" in place of what the expected line leaves open. */
function withOpenEnds(lines: readonly string[], expected: readonly string[]): string[] {
  return lines.map((line, index) => {
    const start = expected[index]?.endsWith("…") === true ? expected[index].slice(0, -1) : undefined;
    return start !== undefined && line.startsWith(start) ? `${start}…` : line;
  });
}

function newSet(sets: Map<string, Set<string>>, key: string): Set<string> {
  const made = new Set<string>();
  sets.set(key, made);
  return made;
}

function reportOf(report: FrameworkReport | Error | undefined): FrameworkReport {
  assert.ok(report, "it was not run");
  if (report instanceof Error) throw report;
  assert.equal(report.failed, undefined);
  return report;
}
