/** Flags in the environment keep a whole program from being traced. */

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { after, before, describe, test } from "node:test";
import { runOrThrow } from "../support/child.js";
import { projectRoot } from "../support/project.js";
import { type RecordingServer, startRecordingServer } from "../support/recording-server.js";
import { resultIn } from "../support/result.js";
import { SHORT_CHAT_SPANS } from "./chats.js";

const PROGRAM = fileURLToPath(new URL("programs/flagged.js", import.meta.url));

describe("flags from outside", () => {
  let server: RecordingServer;
  before(async () => void (server = await startRecordingServer()));
  after(() => server.stop());

  async function runWith(environment: Record<string, string>): Promise<{ result: unknown; requests: number }> {
    const before = server.received.length;
    const printed = await runOrThrow(process.execPath, [PROGRAM, server.uri], { cwd: projectRoot, environment });
    return { result: resultIn(printed), requests: server.received.length - before };
  }

  for (const flag of ["MLFLOW_AG2_DISABLED", "OTEL_SDK_DISABLED"]) {
    for (const value of ["true", "TRUE"]) {
      test(`${flag}=${value}: no span, no request, and enable() does not help`, async () => {
        const { result, requests } = await runWith({ [flag]: value });
        assert.deepEqual(result, { enabled: false, started: 0, lastTraceId: null });
        assert.equal(requests, 0);
      });
    }
    test(`${flag}=false does not switch tracing off`, async () => {
      const { result, requests } = await runWith({ [flag]: "false" });
      assert.equal((result as { started: number }).started, 2 * SHORT_CHAT_SPANS);
      assert.ok(requests > 0);
    });
  }
});
