/** The message of a failed request gives the reason as the host knows it: Node has it in the cause, Bun in the code. */

import assert from "node:assert/strict";
import { createServer } from "node:net";
import { describe, test } from "node:test";
import { enable, flush, init, shutdown, stats, withSpan } from "mlflow-ag2";

const error = (message: string, fields: object = {}): Error => Object.assign(new Error(message), fields);

async function lastError(fetch: (() => Promise<Response>) | null, trackingUri: string): Promise<string> {
  init({ trackingUri, fetch });
  withSpan(() => 1, { name: "work" });
  const isTried = (): boolean => stats().lastError?.message.includes(`\`${trackingUri}\``) === true;
  while (!isTried()) await flush({ timeoutMs: 1_000 });
  const message = stats().lastError?.message ?? "";
  // Spans for this server would fail again later.
  await shutdown({ timeoutMs: 0 });
  enable();
  return message;
}

describe("a request that fails says", () => {
  let number = 0;
  for (const [what, thrown, expected] of [
    ["the message", error("it is off"), /it is off/],
    [
      "the cause",
      error("fetch failed", { cause: error("connect ECONNREFUSED 127.0.0.1:1") }),
      /fetch failed.*ECONNREFUSED/,
    ],
    [
      "the code of a cause without a message",
      error("fetch failed", { cause: error("", { code: "ENOTFOUND" }) }),
      /ENOTFOUND/,
    ],
    [
      "the cause of a cause",
      error("a", { cause: error("b", { cause: error("certificate has expired") }) }),
      /certificate has expired/,
    ],
    [
      "the errors of several attempts",
      error("fetch failed", { cause: error("", { errors: [error("connect ECONNREFUSED ::1:1")] }) }),
      /ECONNREFUSED/,
    ],
    [
      "its own code",
      error("Unable to connect.", { code: "ConnectionRefused" }),
      /Unable to connect.*ConnectionRefused/,
    ],
    ["the code once", error("connect ECONNREFUSED", { code: "ECONNREFUSED" }), /^(?!.*ECONNREFUSED.*ECONNREFUSED)/s],
    ["a text", "away for lunch", /away for lunch/],
    [
      "nothing that cannot be read",
      Object.defineProperty(error("known"), "cause", { get: () => assert.fail() }),
      /known/,
    ],
  ] as const) {
    test(what, async () => {
      const message = await lastError(() => Promise.reject(thrown), `http://127.0.0.1:1/${(number += 1)}`);
      assert.match(message, expected);
    });
  }

  test("that the connection was refused", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as { port: number };
    await new Promise((resolve) => server.close(resolve));
    assert.match(await lastError(null, `http://127.0.0.1:${port}`), /refused/i);
  });

  test("that there is no such host", async () => {
    assert.match(await lastError(null, "http://no-such-host.invalid"), /ENOTFOUND|EAI_AGAIN|not known|getaddrinfo/i);
  });
});
