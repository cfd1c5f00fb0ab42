/** Persisted records stay within their limits, and are erased on request. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { after, before, beforeEach, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import * as mlflow from "mlflow-ag2";
import { run } from "../support/child.js";
import { temporaryFolder } from "../support/folder.js";
import { type TcpProxy, startTcpProxy } from "../support/tcp-proxy.js";
import { userProject } from "../support/packed-package.js";
import { type RecordingServer, startRecordingServer } from "../support/recording-server.js";
import { resultIn } from "../support/result.js";

interface Output {
  notPersisted: number;
  restored: number;
  dropped: Record<string, number>;
}

describe("what is kept", () => {
  let project = "";
  let recording: RecordingServer;
  let proxy: TcpProxy;
  before(async () => {
    project = await userProject(fileURLToPath(new URL("programs", import.meta.url)));
    recording = await startRecordingServer(({ path }) =>
      path.startsWith("/api/3.0/mlflow/traces/tr-") ? { status: 200, body: "{}" } : undefined,
    );
    proxy = await startTcpProxy(recording.uri);
  });
  beforeEach(() => proxy.close());
  after(async () => {
    await proxy?.stop();
    await recording?.stop();
  });

  async function runProgram(
    folder: string,
    query: Record<string, string>,
    environment: Record<string, string> = {},
  ): Promise<{ stdout: string; stderr: string }> {
    return run(process.execPath, ["keep.js", `?${new URLSearchParams({ folder, trackingUri: proxy.uri, ...query })}`], {
      cwd: project,
      environment,
      timeoutMs: 180_000,
    });
  }
  async function outputOf(folder: string, query: Record<string, string>): Promise<Output> {
    const { stdout } = await runProgram(folder, query);
    return resultIn(stdout) as Output;
  }
  const changesIn = (folder: string): string[] => recordsIn(folder).filter((name) => /^p1\.\w+\.\d+\.c/.test(name));
  const edit = (path: string, before: string, after: string): void => {
    const text = readFileSync(path, "utf8");
    assert.ok(text.includes(before), text);
    writeFileSync(path, text.replace(before, after));
  };
  const recordsIn = (folder: string): string[] => readdirSync(folder).filter((name) => name.startsWith("p1."));

  test("is never more than `maxBytes`: the oldest records are removed and counted", async () => {
    const folder = temporaryFolder("kept");
    const { notPersisted } = await outputOf(folder, { traces: "20", limits: '{"maxBytes":4000}', end: "overflow" });
    const records = recordsIn(folder);
    const bytes = records.reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
    assert.ok(records.length > 0 && bytes <= 4000, `${bytes} bytes in ${records.length} files`);
    assert.equal(notPersisted, 40 - 2 * records.length);
  });

  test("is never older than `maxAgeMs`: older records are removed and counted", async () => {
    const folder = temporaryFolder("kept");
    await runProgram(folder, { traces: "1", end: "exit" });
    assert.equal(recordsIn(folder).length, 1);
    proxy.open();
    const { notPersisted, restored } = await outputOf(folder, { limits: '{"maxAgeMs":1}', end: "overflow" });
    assert.deepEqual([notPersisted, restored, recordsIn(folder), recording.received], [2, 0, [], []]);
  });

  test("is dropped and counted if it cannot be read", async () => {
    const folder = temporaryFolder("kept");
    await runProgram(folder, { traces: "1", end: "exit" });
    await runProgram(folder, { traces: "1", end: "exit" });
    const [first = "", second = ""] = recordsIn(folder);
    truncateSync(join(folder, first), 20);
    writeFileSync(join(folder, second), Buffer.concat([Buffer.from([99]), Buffer.from("of a later version")]));
    proxy.open();
    const { dropped } = await outputOf(folder, { end: "deliver" });
    assert.ok((dropped["unreadable"] ?? 0) > 0, JSON.stringify(dropped));
    assert.deepEqual(recording.exports(), []);
  });

  test("is dropped and counted if it is a change of a trace that cannot be read", async () => {
    const folder = temporaryFolder("kept");
    await runProgram(folder, { traces: "1", changesMs: "60000", end: "exit" });
    const [first = "", second = "", third = ""] = changesIn(folder);
    truncateSync(join(folder, first), 20);
    edit(join(folder, second), '"version":1', '"version":2');
    edit(join(folder, third), "/api/3.0/", "/api/9.9/");
    recording.received.length = 0;
    proxy.open();
    const { dropped } = await outputOf(folder, { end: "deliver" });
    assert.equal(dropped["unreadable"], 3);
    const changes = recording.received.filter(({ method, path }) => method !== "GET" && path.includes("/tr-"));
    assert.deepEqual(
      changes.map(({ body }) => String(body)),
      ['{"key":"turn","value":"3"}'],
    );
    recording.received.length = 0;
  });

  test("as a change of a trace has no credentials, and is counted when it is too old", async () => {
    const folder = temporaryFolder("kept");
    const secret = "a-token-of-the-program";
    const query = { traces: "1", changesMs: "60000", end: "exit" };
    await runProgram(folder, query, { MLFLOW_TRACKING_TOKEN: secret });
    assert.equal(changesIn(folder).length, 4);
    for (const name of recordsIn(folder)) assert.ok(!readFileSync(join(folder, name), "latin1").includes(secret));
    const { notPersisted } = await outputOf(folder, { limits: '{"maxAgeMs":1}', end: "overflow" });
    assert.deepEqual([notPersisted, recordsIn(folder)], [2 + 4, []]);
  });

  test("for another server waits for that one, changes of traces too", async () => {
    const folder = temporaryFolder("kept");
    await runProgram(folder, { traces: "1", changesMs: "60000", end: "exit" });
    const kept = recordsIn(folder);
    const other = await startRecordingServer();
    try {
      await runProgram(folder, { trackingUri: other.uri, end: "" });
      assert.deepEqual([other.received, recordsIn(folder)], [[], kept]);
    } finally {
      await other.stop();
    }
  });

  test("is not changed while tracing is disabled from outside", async () => {
    const folder = temporaryFolder("kept");
    await runProgram(folder, { traces: "1", changesMs: "60000", end: "exit" });
    const kept = recordsIn(folder);
    proxy.open();
    await runProgram(folder, { traces: "1", end: "" }, { MLFLOW_AG2_DISABLED: "true" });
    assert.deepEqual(recordsIn(folder), kept);
  });

  test("is erased by `persist: false`, with nothing else in the folder", async () => {
    const folder = temporaryFolder("kept");
    writeFileSync(join(folder, "mine.txt"), "");
    await runProgram(folder, { traces: "1", end: "exit" });
    assert.equal(recordsIn(folder).length, 1);
    await runProgram(folder, { traces: "1", end: "erase" });
    assert.deepEqual(readdirSync(folder), ["mine.txt"]);
  });

  test("is readable for its owner alone", { skip: process.platform === "win32" }, async () => {
    const folder = join(temporaryFolder("kept"), "made");
    await runProgram(folder, { traces: "1", end: "exit" });
    assert.equal(statSync(folder).mode & 0o777, 0o700);
    for (const name of readdirSync(folder)) assert.equal(statSync(join(folder, name)).mode & 0o777, 0o600);
  });

  test("is off where others may write to the folder", { skip: process.platform === "win32" }, async () => {
    for (const mode of [0o770, 0o707, 0o777, 0o1777]) {
      const folder = join(temporaryFolder("kept"), "shared");
      mkdirSync(folder);
      chmodSync(folder, mode);
      const { stderr } = await runProgram(folder, { traces: "1", end: "exit" });
      assert.match(stderr, /others may write to the folder.*chmod go-w.*\[not_persisted\]/);
      assert.deepEqual(readdirSync(folder), []);
    }
  });

  test("is taken over only from regular files that others cannot write", {
    skip: process.platform === "win32",
  }, async () => {
    const folder = temporaryFolder("kept");
    const elsewhere = temporaryFolder("elsewhere");
    for (let made = 0; made < 4; made += 1) await runProgram(folder, { traces: "1", end: "exit" });
    const [shared = "", linked = "", grown = "", good = ""] = recordsIn(folder);
    chmodSync(join(folder, shared), 0o666);
    renameSync(join(folder, linked), join(elsewhere, linked));
    symlinkSync(join(elsewhere, linked), join(folder, linked));
    appendFileSync(join(folder, grown), "more");
    const pipe = good.replace(/^p1\.\w+/, "p1.000000001");
    const directory = good.replace(/^p1\.\w+/, "p1.000000002");
    execFileSync("mkfifo", [join(folder, pipe)]);
    mkdirSync(join(folder, directory));
    execFileSync("mkfifo", [join(folder, `${good.split(".").at(-1)}.alive`)]);
    proxy.open();
    const { restored, dropped } = await outputOf(folder, { end: "deliver-valid" });
    assert.deepEqual([restored, dropped["unreadable"]], [2, 1]);
    assert.deepEqual(recordsIn(folder).sort(), [shared, linked, pipe, directory].sort());
    assert.deepEqual(readdirSync(elsewhere), [linked]);
    await runProgram(folder, { end: "erase" });
    assert.deepEqual(recordsIn(folder).sort(), [pipe, directory, linked].sort());
    recording.received.length = 0;
  });

  test("is off where the folder cannot be made: one warning, and the rest continues", async () => {
    const folder = join(temporaryFolder("kept"), "a-file");
    writeFileSync(folder, "");
    proxy.open();
    const { stdout, stderr } = await runProgram(folder, { traces: "1", end: "" });
    assert.match(stdout, /^MADE /);
    assert.equal(stderr.match(/\[not_persisted\]/g)?.length, 1, stderr);
    assert.equal(recording.exports().length, 1);
  });

  test("an option that makes no sense throws at once", () => {
    for (const persist of [{ maxBytes: 0 }, { maxAgeMs: Number.NaN }, { folder: 1 }, { maxbytes: 1 }, null, "yes"]) {
      assert.throws(
        () => mlflow.init({ persist: persist as never }),
        (error) => mlflow.MlflowAg2Error.is(error) && error.code === "invalid_argument",
      );
    }
  });
});
