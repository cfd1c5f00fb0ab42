/** Traces that a process has not delivered survive its end, however it ends, and the next process delivers them. */

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { run, Service } from "../support/child.js";
import { temporaryFolder } from "../support/folder.js";
import { type TcpProxy, startTcpProxy } from "../support/tcp-proxy.js";
import { assertChanged, assertHeld, assertSentOnce, madeTraces } from "../support/persistence.js";
import { freePort, type MlflowServer, mlflowServer } from "../support/mlflow-server.js";
import { userProject } from "../support/packed-package.js";
import { bun, deno } from "../support/project.js";
import { startRecordingServer } from "../support/recording-server.js";
import { spansIn } from "./programs/otlp.js";
import { resultIn } from "../support/result.js";

const HOSTS: Record<string, (folder: string) => [string, string[]]> = {
  Node: () => [process.execPath, []],
  Deno: (folder) => [
    deno(),
    [
      "run",
      "--no-remote",
      "--no-lock",
      "--node-modules-dir=manual",
      "--no-prompt",
      "--allow-net=127.0.0.1",
      `--allow-read=${folder}`,
      `--allow-write=${folder}`,
    ],
  ],
  Bun: () => [bun(), []],
};
const ENVIRONMENT = { DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" };

let project = "";
let server: MlflowServer;
before(async () => {
  [project, server] = await Promise.all([
    userProject(fileURLToPath(new URL("programs", import.meta.url))),
    mlflowServer(),
  ]);
});
after(() => server?.stop());

const BODY = JSON.stringify({ assessment: { assessment_id: "a-1" } });

const recordsIn = (folder: string): string[] => readdirSync(folder).filter((name) => name.startsWith("p"));

/** The program and its parameters, to be started. */
function command(host: string, folder: string, query: Record<string, string>): [string, string[]] {
  const [program, options] = HOSTS[host]!(folder);
  return [program, [...options, "keep.js", `?${new URLSearchParams({ folder, ...query })}`]];
}

async function runProgram(host: string, folder: string, query: Record<string, string>): Promise<string> {
  const { stdout, stderr } = await run(...command(host, folder, query), {
    cwd: project,
    environment: ENVIRONMENT,
    timeoutMs: 180_000,
  });
  return stdout + stderr;
}

/** Starts a program and kills it, without a word, as soon as it has kept everything. */
async function runAndKill(host: string, folder: string, query: Record<string, string>): Promise<string> {
  const service = new Service(...command(host, folder, { ...query, end: "hang" }), {
    cwd: project,
    environment: ENVIRONMENT,
  });
  await service.until(() => (service.printed.includes("KEPT") ? true : undefined), 180_000);
  await service.stop();
  return service.printed;
}

for (const host of Object.keys(HOSTS)) {
  describe(`kept by ${host}`, () => {
    let proxy: TcpProxy;
    const endings = ["exit", "throw", "reject", "kill -9"];
    const printed = new Map<string, string>();
    const folders = new Map(endings.map((ending) => [ending, temporaryFolder("kept")]));

    before(async () => {
      proxy = await startTcpProxy(server.uri);
      const query = { trackingUri: proxy.uri, traces: "2" };
      for (const [end, folder] of folders) {
        printed.set(
          end,
          end === "kill -9" ? await runAndKill(host, folder, query) : await runProgram(host, folder, { ...query, end }),
        );
      }
      proxy.open();
    });
    after(() => proxy?.stop());

    for (const [ending, folder] of folders) {
      test(`after its end by ${ending} the next start delivers everything, and leaves no file of it`, async () => {
        const traces = madeTraces(printed.get(ending) ?? "");
        assert.equal(traces.length, 2, printed.get(ending));
        const stats = resultIn(await runProgram(host, folder, { trackingUri: proxy.uri, end: "deliver" })) as Record<
          string,
          number
        >;
        assert.deepEqual([stats["restored"], stats["delivered"], stats["started"]], [4, 4, 4]);
        await assertHeld(server.uri, traces);
        assert.deepEqual(recordsIn(folder), []);
      });
    }
  });
}

describe("kept by processes", () => {
  test("of several processes that start at once after a kill, each trace is delivered by one", async () => {
    const recording = await startRecordingServer();
    try {
      const proxy = await startTcpProxy(recording.uri);
      const folder = temporaryFolder("kept");
      const traces = madeTraces(await runAndKill("Node", folder, { trackingUri: proxy.uri, traces: "20" }));
      proxy.open();
      const lives = await Promise.all(
        ["Node", "Node", "Bun"].map((host) => runProgram(host, folder, { trackingUri: proxy.uri, end: "deliver" })),
      );
      const restored = lives.map((life) => (resultIn(life) as { restored: number }).restored);
      assert.equal(
        restored.reduce((sum, one) => sum + one),
        40,
      );
      assertSentOnce(recording.exports(), traces);
      await proxy.stop();
    } finally {
      await recording.stop();
    }
  });

  for (const ending of ["exit", "kill -9", "its own"]) {
    test(`feedback and tags that wait survive an end by ${ending}, and arrive once and in their order`, async () => {
      const proxy = await startTcpProxy(server.uri);
      try {
        const folder = temporaryFolder("kept");
        const query = { trackingUri: proxy.uri, traces: "2", changesMs: ending === "its own" ? "1500" : "60000" };
        const traces = madeTraces(
          ending === "kill -9"
            ? await runAndKill("Node", folder, query)
            : await runProgram("Node", folder, { ...query, end: ending }),
        );
        assert.equal(recordsIn(folder).filter((name) => /^p1\.\w+\.\d+\.c/.test(name)).length, 8);
        proxy.open();
        await runProgram("Node", folder, { trackingUri: proxy.uri, end: "deliver" });
        await assertHeld(server.uri, traces);
        await assertChanged(server.uri, traces);
        assert.deepEqual(recordsIn(folder), []);
      } finally {
        await proxy.stop();
      }
    });
  }

  test("of several processes that start at once, the changes of each trace are sent by one, in their order", async () => {
    const recording = await startRecordingServer(({ path, method }) =>
      path.startsWith("/api/3.0/mlflow/traces/tr-") ? { status: 200, body: method === "GET" ? "{}" : BODY } : undefined,
    );
    const proxy = await startTcpProxy(recording.uri);
    try {
      const folder = temporaryFolder("kept");
      const query = { trackingUri: proxy.uri, traces: "10", changesMs: "60000" };
      const traces = madeTraces(await runAndKill("Node", folder, query));
      proxy.open();
      await Promise.all(
        ["Node", "Node", "Bun"].map((host) => runProgram(host, folder, { trackingUri: proxy.uri, end: "deliver" })),
      );
      const sent = recording.received.filter(({ method, path }) => method !== "GET" && path.includes("/traces/tr-"));
      for (const id of traces) {
        const ofTrace = sent.filter(({ path }) => path.includes(id)).map(({ body }) => String(body));
        assert.equal(ofTrace.length, 4);
        assert.match(ofTrace[0]!, /"helpful"/);
        assert.deepEqual(
          ofTrace.slice(1),
          ["1", "2", "3"].map((value) => JSON.stringify({ key: "turn", value })),
        );
      }
    } finally {
      await proxy.stop();
      await recording.stop();
    }
  });

  for (const ending of ["exit", "kill -9"]) {
    test(`of a trace in progress what had ended survives an end by ${ending}`, async () => {
      const recording = await startRecordingServer();
      const proxy = await startTcpProxy(recording.uri);
      try {
        const folder = temporaryFolder("kept");
        const query = { trackingUri: proxy.uri, traces: "1", open: "1" };
        await (ending === "exit"
          ? runProgram("Node", folder, { ...query, end: ending })
          : runAndKill("Node", folder, query));
        proxy.open();
        await runProgram("Node", folder, { trackingUri: proxy.uri, end: "deliver" });
        assert.deepEqual(
          recording
            .exports()
            .flatMap(({ body }) => spansIn(body))
            .map(({ name }) => name),
          ["kept too"],
        );
      } finally {
        await proxy.stop();
        await recording.stop();
      }
    });
  }

  test("the records of a running process are not taken over", async () => {
    const trackingUri = `http://127.0.0.1:${await freePort()}`;
    for (const host of ["Node", "Deno"]) {
      const folder = temporaryFolder("kept");
      const living = new Service(...command(host, folder, { trackingUri, traces: "1", end: "hang" }), {
        cwd: project,
        environment: ENVIRONMENT,
      });
      try {
        await living.until(() => (living.printed.includes("KEPT") ? true : undefined), 180_000);
        const before = recordsIn(folder);
        await runProgram(host, folder, { trackingUri, end: "" });
        assert.deepEqual(recordsIn(folder), before);
      } finally {
        await living.stop();
      }
    }
  });

  test("spans of another server wait for that one", async () => {
    const recording = await startRecordingServer();
    try {
      const folder = temporaryFolder("kept");
      const elsewhere = `http://127.0.0.1:${await freePort()}`;
      await runProgram("Node", folder, { trackingUri: elsewhere, traces: "1", end: "exit" });
      await runProgram("Node", folder, { trackingUri: recording.uri, end: "" });
      assert.deepEqual(recording.received, []);
      assert.equal(recordsIn(folder).length, 1);
    } finally {
      await recording.stop();
    }
  });

  test("Deno without permission for the folder: one warning, no prompt, and the program continues", async () => {
    const folder = join(temporaryFolder("kept"), "unseen");
    const parameters = [
      "run",
      "--no-remote",
      "--no-lock",
      "--node-modules-dir=manual",
      "--allow-net=127.0.0.1",
      "keep.js",
      `?${new URLSearchParams({ folder, trackingUri: "http://127.0.0.1:9", traces: "1", end: "exit" })}`,
    ];
    const { code, stderr } = await run(deno(), parameters, { cwd: project, environment: ENVIRONMENT });
    assert.equal(code, 3);
    assert.equal(stderr.match(/not_persisted/g)?.length, 1, stderr);
    assert.match(stderr, /--allow-read=\S+ --allow-write=/);
  });
});
