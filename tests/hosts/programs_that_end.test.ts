/** Programs that end without `flush`, in Node, Deno and Bun: their traces arrive, and nothing keeps them running. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { spansIn } from "./programs/otlp.js";
import { run } from "../support/child.js";
import { userProject } from "../support/packed-package.js";
import { deno, projectRoot } from "../support/project.js";
import { type RecordingServer, startRecordingServer } from "../support/recording-server.js";

const HOSTS: Record<string, string[]> = {
  Node: [process.execPath],
  Deno: [
    deno(),
    "run",
    "--no-prompt",
    "--no-remote",
    "--no-lock",
    "--node-modules-dir=manual",
    "--allow-net=127.0.0.1",
  ],
  Bun: [join(projectRoot, "node_modules", ".bin", "bun"), "run"],
};

/** When the program ends, and what it was doing. */
const HANGS: Record<string, Record<string, string>> = {
  "": {},
  " with its experiment looked up": { experiment: "slow" },
  " with a request in flight": { liveMs: "700" },
};

describe("a program that ends without flush()", () => {
  let project: string;
  let server: RecordingServer;
  let isSilent = false;

  before(async () => {
    project = await userProject(fileURLToPath(new URL("programs", import.meta.url)));
    server = await startRecordingServer(() => (isSilent ? "never" : undefined));
  });
  after(() => server?.stop());

  for (const [name, [host, ...options]] of Object.entries(HOSTS)) {
    const runProgram = (settings: Record<string, string> = {}): ReturnType<typeof run> =>
      run(host!, [...options, "ends.js", `?${new URLSearchParams({ trackingUri: server.uri, ...settings })}`], {
        cwd: project,
        environment: { DENO_NO_UPDATE_CHECK: "1" },
      });

    test(`in ${name} leaves its trace in the server`, async () => {
      isSilent = false;
      server.received.length = 0;
      const { code, stderr } = await runProgram();
      assert.equal(code, 0, stderr);
      assert.deepEqual(
        server.exports().flatMap(({ body }) => spansIn(body).map((span) => span.name)),
        ["one span"],
      );
    });

    for (const [when, settings] of Object.entries(HANGS)) {
      test(`in ${name} ends by itself when its server hangs${when}, and says what is left`, async () => {
        isSilent = true;
        const { code, stderr } = await runProgram(settings);
        assert.equal(code, 0, stderr);
        assert.match(stderr, /1 span was not delivered before the program ended: `await flush\(\)` before it ends/);
      });
    }
  }
});
