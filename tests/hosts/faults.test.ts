/**
 * Every fault a server can have, and mixtures of them, in Node, Deno and Chromium at once: spans are
 * made while a server misbehaves and recovers, and the real MLflow behind it ends up with every span
 * that is not counted as dropped, each once.
 *
 * The mixtures are drawn from a seed, which is printed; `MLFLOW_AG2_FAULT_SEED=… ` repeats them.
 */

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { seedFrom } from "../support/seeded-random.js";
import { audit, type FaultReport } from "../support/faults/audit.js";
import { type Case, FAULTS, mixedCases } from "../support/faults/catalogue.js";
import { SEED } from "../support/faults/mixture.js";
import { startFaultServer } from "../support/faults/server.js";
import { storedIn } from "../support/faults/stored.js";
import { type MlflowServer, mlflowServer } from "../support/mlflow-server.js";
import { userProject } from "../support/packed-package.js";
import { type PageServer, startPageServer } from "../support/page-server.js";
import { inChromium, inDeno, inNode, type HostDriver } from "../support/hosts.js";

const HOSTS: Readonly<Record<string, HostDriver>> = { Node: inNode(), Deno: inDeno(), Chromium: inChromium() };
/** Most of the time is spent waiting for the next attempt, so many runs share the machine. */
const AT_ONCE = 9;

const seed = seedFrom(SEED);
const cases: readonly Case[] = [...FAULTS, ...mixedCases(seed)];

let server: MlflowServer;
let pages: PageServer;

async function runCase(host: HostDriver, { script, plan, expected, isMixed = false }: Case): Promise<void> {
  const faulty = await startFaultServer(server.uri, script);
  const experiment = `faults ${randomUUID()}`;
  try {
    const query = `?${new URLSearchParams({ trackingUri: faulty.uri, experiment, plan: JSON.stringify(plan) })}`;
    const report = (await host.run("under_faults.js", query)) as FaultReport;
    audit(report, await storedIn(server.uri, experiment), expected);
    assert.ok(faulty.log.length > 0, "the server never misbehaved");
    assert.ok(isMixed || faulty.recovered(), "not all of the script was used");
  } catch (error) {
    throw new Error(
      `${error instanceof Error ? error.message : String(error)}\nthe server's faults:\n${faulty.log.join("\n")}`,
      { cause: error },
    );
  } finally {
    await faulty.stop();
  }
}

describe(`with a server that misbehaves (${SEED}=${seed})`, { concurrency: AT_ONCE }, () => {
  before(async () => {
    const programs = fileURLToPath(new URL("programs", import.meta.url));
    const [project, started] = await Promise.all([userProject(programs), mlflowServer()]);
    server = started;
    pages = await startPageServer(project);
    await Promise.all(Object.values(HOSTS).map((host) => host.open(project, pages)));
  });
  after(async () => {
    await Promise.all(Object.values(HOSTS).map((host) => host.close()));
    await pages?.stop();
    await server?.stop();
  });

  for (const aCase of cases) {
    for (const [name, host] of Object.entries(HOSTS)) {
      test(`${aCase.name}: ${aCase.expected} is on the server once, in ${name}`, () => runCase(host, aCase));
    }
  }
});
