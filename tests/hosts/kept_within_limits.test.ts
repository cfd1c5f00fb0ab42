/** What is kept stays within its limits, and is erased when that is asked. */

import assert from "node:assert/strict";
import { readdirSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, beforeEach, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import * as mlflow from "mlflow-ag2";
import { run } from "../support/child.js";
import { temporaryFolder } from "../support/folder.js";
import { type Gate, startGate } from "../support/gate.js";
import { userProject } from "../support/packed-package.js";
import { type RecordingServer, startRecordingServer } from "../support/recording-server.js";
import { resultIn } from "../support/result.js";

interface Said {
  notKept: number;
  restored: number;
  dropped: Record<string, number>;
}

describe("what is kept", () => {
  let project = "";
  let recording: RecordingServer;
  let gate: Gate;
  before(async () => {
    project = await userProject(fileURLToPath(new URL("programs", import.meta.url)));
    recording = await startRecordingServer();
    gate = await startGate(recording.uri);
  });
  beforeEach(() => gate.shut());
  after(async () => {
    await gate?.stop();
    await recording?.stop();
  });

  async function play(
    folder: string,
    query: Record<string, string>,
    environment: Record<string, string> = {},
  ): Promise<{ stdout: string; stderr: string }> {
    return run(process.execPath, ["keep.js", `?${new URLSearchParams({ folder, trackingUri: gate.uri, ...query })}`], {
      cwd: project,
      environment,
      timeoutMs: 60_000,
    });
  }
  async function said(folder: string, query: Record<string, string>): Promise<Said> {
    const { stdout } = await play(folder, query);
    return resultIn(stdout) as Said;
  }
  const parcelsIn = (folder: string): string[] => readdirSync(folder).filter((name) => name.startsWith("p1."));

  test("is never more than `maxBytes`: the oldest go, counted", async () => {
    const folder = temporaryFolder("kept");
    const { notKept } = await said(folder, { traces: "20", limits: '{"maxBytes":4000}', end: "overflow" });
    const parcels = parcelsIn(folder);
    const bytes = parcels.reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
    assert.ok(parcels.length > 0 && bytes <= 4000, `${bytes} bytes in ${parcels.length} files`);
    assert.equal(notKept, 40 - 2 * parcels.length);
  });

  test("is never older than `maxAgeMs`: what is goes unsent, counted", async () => {
    const folder = temporaryFolder("kept");
    await play(folder, { traces: "1", end: "exit" });
    assert.equal(parcelsIn(folder).length, 1);
    gate.open();
    const { notKept, restored } = await said(folder, { limits: '{"maxAgeMs":1}', end: "overflow" });
    assert.deepEqual([notKept, restored, parcelsIn(folder), recording.received], [2, 0, [], []]);
  });

  test("is dropped and counted if it cannot be read", async () => {
    const folder = temporaryFolder("kept");
    await play(folder, { traces: "1", end: "exit" });
    await play(folder, { traces: "1", end: "exit" });
    const [first = "", second = ""] = parcelsIn(folder);
    truncateSync(join(folder, first), 20);
    writeFileSync(join(folder, second), Buffer.concat([Buffer.from([99]), Buffer.from("of a later version")]));
    gate.open();
    const { dropped } = await said(folder, { end: "deliver" });
    assert.ok((dropped["unreadable"] ?? 0) > 0, JSON.stringify(dropped));
    assert.deepEqual(recording.exports(), []);
  });

  test("is left alone while tracing is switched off from outside", async () => {
    const folder = temporaryFolder("kept");
    await play(folder, { traces: "1", end: "exit" });
    const kept = parcelsIn(folder);
    gate.open();
    await play(folder, { traces: "1", end: "" }, { MLFLOW_AG2_DISABLED: "true" });
    assert.deepEqual(parcelsIn(folder), kept);
  });

  test("is erased by `persist: false`, with nothing else in the folder", async () => {
    const folder = temporaryFolder("kept");
    writeFileSync(join(folder, "mine.txt"), "");
    await play(folder, { traces: "1", end: "exit" });
    assert.equal(parcelsIn(folder).length, 1);
    await play(folder, { traces: "1", end: "erase" });
    assert.deepEqual(readdirSync(folder), ["mine.txt"]);
  });

  test("is readable for its owner alone", { skip: process.platform === "win32" }, async () => {
    const folder = join(temporaryFolder("kept"), "made");
    await play(folder, { traces: "1", end: "exit" });
    assert.equal(statSync(folder).mode & 0o777, 0o700);
    for (const name of readdirSync(folder)) assert.equal(statSync(join(folder, name)).mode & 0o777, 0o600);
  });

  test("is nothing where there is no room for a folder: one warning, and the rest goes on", async () => {
    const folder = join(temporaryFolder("kept"), "a-file");
    writeFileSync(folder, "");
    gate.open();
    const { stdout, stderr } = await play(folder, { traces: "1", end: "" });
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
