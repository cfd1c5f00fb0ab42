/**
 * Parity tests of the agents, declared for every host: all scenarios run there in one process or page, and the
 * requests to the model server and the results of the programs must equal the golden files of the Python programs.
 * Every deliberate difference is a row of tests/agents/scenarios/differences.json with its reason.
 */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { cpSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import type { ScenarioResult } from "../agents/scenarios/scenario_result.js";
import { type ModelServer, startModelServer } from "./model-server.js";
import { userProject } from "./packed-package.js";
import { type PageServer, startPageServer } from "./page-server.js";
import { goldenFolder, projectRoot } from "./project.js";
import type { HostDriver } from "./hosts.js";

/** The observers that are added while the scenarios run. */
export interface Watched {
  by: "nothing" | "tracer" | "tracer and failing observers";
}

/** A scenario that differs from Python's on purpose. */
interface Entry {
  scenario: string;
  reason: string;
  /** The hosts it is about; not given: all. */
  hosts?: string[];
  /** Where and how; not given: the scenario is not ported at all. */
  places?: Difference[];
}

/**
 * One value that differs from Python's. In the table a value may be "(nothing)" or "(anything)", and a place that ends
 * with `*` stands for all that begin so.
 */
interface Difference {
  where: string;
  python: unknown;
  ours: unknown;
}

const ENTRIES = (
  readJson(join(projectRoot, "tests", "agents", "scenarios", "differences.json")) as { differences: Entry[] }
).differences;

/** The names of all scenarios that Python recorded. */
export const SCENARIOS = readdirSync(join(goldenFolder, "scripts"))
  .map((name) => name.replace(/\.json$/, ""))
  .sort();

const notPorted = new Set(ENTRIES.filter(({ places }) => places === undefined).map(({ scenario }) => scenario));

/**
 * The differences of a scenario from its golden files that are not listed; `differences` are those that the comparison
 * with these files names.
 */
export function unlistedDifferences(
  scenario: string,
  differences: readonly string[] | undefined,
): string[] | undefined {
  const places = ENTRIES.filter((entry) => entry.scenario === scenario).flatMap((entry) => entry.places ?? []);
  const listed = places.map(({ where, python, ours }) => {
    const place = where.replace(/^requests\/(\d+)\/messages\/(\d+)\//, "requests[$1]/body/messages[$2]/");
    return `${place}: golden ${JSON.stringify(python)}, ours ${JSON.stringify(ours)}`;
  });
  return differences?.filter((difference) => !listed.includes(difference));
}

/** Declares the tests of one host. */
export function declareParityTests(host: string, driver: HostDriver, watched?: Watched): void {
  let rejections = 0;
  let results: Record<string, ScenarioResult>;
  let model: ModelServer;
  let pages: PageServer;
  const explained = new Set<Difference>();
  const here = ENTRIES.filter(({ hosts }) => hosts === undefined || hosts.includes(host));

  describe(`parity in ${host}${watched === undefined ? "" : `, watched by ${watched.by}`}`, () => {
    before(async () => {
      const project = await userProject(fileURLToPath(new URL("../agents/scenarios", import.meta.url)));
      cpSync(join(goldenFolder, "scripts"), join(project, "scripts"), { recursive: true });
      // One after the other: what has started is stopped even if the next does not start.
      model = await startModelServer("calculator");
      pages = await startPageServer(project);
      await driver.open(project, pages);
      const query = new URLSearchParams({
        model: model.baseUrl.replace(/\/v1$/, ""),
        scripts: new URL("/scripts", pages.page("", "")).href,
      });
      if (watched !== undefined) query.set("watched", watched.by);
      const printed = await driver.run("run_all.js", `?${query}`);
      if (watched === undefined) results = printed as typeof results;
      else ({ results, rejections } = printed as { results: typeof results; rejections: number });
    });
    after(async () => {
      await driver.close();
      await Promise.all([model?.stop(), pages?.stop()]);
    });

    for (const scenario of SCENARIOS.filter((name) => !notPorted.has(name))) {
      test(`${scenario}: the same requests and the same outcome as in Python`, () => {
        const result = results[scenario];
        assert.ok(result, `${scenario} has no port, and no row with a reason`);
        const listed = here.filter((entry) => entry.scenario === scenario).flatMap(({ places = [] }) => places);
        const left = differences(scenario, result).filter((difference) => {
          const fitting = listed.filter((place) => explains(place, difference));
          for (const place of fitting) explained.add(place);
          return fitting.length === 0;
        });
        assert.deepEqual(left, []);
      });
    }

    if (watched !== undefined) {
      test("no promise rejection was unhandled", () => {
        assert.equal(rejections, 0);
      });
    }

    test("every listed difference is still there", () => {
      const stale = here.flatMap(({ scenario, places = [] }) =>
        places.filter((place) => !explained.has(place)).map(({ where }) => `${scenario}: ${where}`),
      );
      assert.deepEqual(stale, []);
    });

    test("every ported scenario has golden files, and none is listed as missing", () => {
      assert.deepEqual(
        Object.keys(results).filter((name) => notPorted.has(name) || !SCENARIOS.includes(name)),
        [],
      );
      assert.deepEqual(
        ENTRIES.filter(({ scenario, reason }) => !SCENARIOS.includes(scenario) || reason === ""),
        [],
      );
    });

    test("every script is used to its end", () => {
      const left = Object.entries(results).filter(
        ([name, { unusedSteps }]) => unusedSteps.length > 0 && name !== "interrupt_in_tool",
      );
      assert.deepEqual(left, []);
    });
  });
}

/** The differences between the result of a scenario and its golden files. */
export function differences(scenario: string, { results, exception, requests }: ScenarioResult): Difference[] {
  const golden = readJson(join(goldenFolder, `${scenario}.requests.json`)) as {
    unordered: boolean;
    requests: { body: unknown }[];
  };
  const outcome = readJson(join(goldenFolder, `${scenario}.result.json`)) as Pick<
    ScenarioResult,
    "results" | "exception"
  >;
  const inOrder = (bodies: unknown[]): unknown[] =>
    golden.unordered ? bodies.sort((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1)) : bodies;
  return [
    ...differencesBetween(
      "requests",
      inOrder(golden.requests.map(({ body }) => body)),
      inOrder(comparable(requests) as unknown[]),
    ),
    ...differencesBetween("results", outcome.results, comparable(results)),
    ...differencesBetween("exception", outcome.exception, comparable(exception)),
  ];
}

function differencesBetween(where: string, python: unknown, ours: unknown): Difference[] {
  if (isTree(python) && isTree(ours) && Array.isArray(python) === Array.isArray(ours)) {
    const keys = new Set([...Object.keys(python), ...Object.keys(ours)]);
    return [...keys].flatMap((key) => differencesBetween(`${where}/${key}`, at(python, key), at(ours, key)));
  }
  return JSON.stringify(python) === JSON.stringify(ours) ? [] : [{ where, python, ours }];
}

function isTree(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function at(tree: Record<string, unknown>, key: string): unknown {
  return Object.hasOwn(tree, key) ? tree[key] : "(nothing)";
}

function explains(place: Difference, { where, python, ours }: Difference): boolean {
  const isThere = place.where.endsWith("*") ? where.startsWith(place.where.slice(0, -1)) : place.where === where;
  return isThere && fits(place.python, python) && fits(place.ours, ours);
}

function fits(listed: unknown, found: unknown): boolean {
  return listed === "(anything)" || JSON.stringify(listed) === JSON.stringify(found);
}

const LONGEST = 4000;

/**
 * Data in the form of the golden files: ten significant digits, and a long text as its length and digest
 * (support/oracle/normalise.py).
 */
function comparable(data: unknown): unknown {
  return JSON.parse(JSON.stringify(data), (_, value: unknown) => {
    if (typeof value === "number") return Number(value.toPrecision(10));
    return typeof value === "string" && [...value].length > LONGEST ? shortened(value) : value;
  });
}

function shortened(text: string): string {
  const digest = createHash("sha256").update(text).digest("hex");
  const beginning = JSON.stringify([...text].slice(0, 40).join(""));
  return `<long text: ${Buffer.byteLength(text)} UTF-8 bytes, sha256 ${digest}, begins ${beginning}>`;
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, "utf8"));
}
