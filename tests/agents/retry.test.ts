/** The retry policy of the HTTP client: the responses that are retried, and the delays before retries. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { APIError, OpenAIClient } from "mlflow-ag2/agents";

type Failure = readonly [status: number, headers?: Readonly<Record<string, string>>];

/** The client's timeout, by which its timers differ from those of delays. */
const TIMEOUT_MS = 654_321;
const NOW = Date.parse("2026-01-02T03:04:05Z");

const COMPLETION = {
  choices: [{ index: 0, message: { role: "assistant", content: "Hello." }, finish_reason: "stop" }],
};

/**
 * The delays before the retries of a request that gets these failures and then a completion; as far as it is
 * retried. Timers run out at once, and clock and randomness are fixed.
 */
async function delaysOf(failures: readonly Failure[], random = 0): Promise<number[]> {
  const delays: number[] = [];
  let calls = 0;
  const respond = async (): Promise<Response> => {
    const [status, headers = {}] = failures[calls++] ?? [200];
    return new Response(JSON.stringify(status === 200 ? COMPLETION : {}), { status, headers });
  };
  const { setTimeout: startTimer } = globalThis;
  const { random: originalRandom } = Math;
  const { now } = Date;
  const startFakeTimer = (work: () => void, delayMs = 0): unknown => {
    if (delayMs === TIMEOUT_MS) return startTimer(work, delayMs);
    delays.push(delayMs);
    return startTimer(work, 0);
  };
  Object.assign(globalThis, { setTimeout: startFakeTimer });
  Math.random = () => random;
  Date.now = () => NOW;
  try {
    const client = new OpenAIClient({
      baseUrl: "http://localhost:1/v1",
      timeoutMs: TIMEOUT_MS,
      maxRetries: failures.length,
      fetch: respond,
    });
    await client.create({ messages: [] });
  } catch (error) {
    if (!(error instanceof APIError)) throw error;
  } finally {
    Object.assign(globalThis, { setTimeout: startTimer });
    Math.random = originalRandom;
    Date.now = now;
  }
  return delays;
}

const RETRIED: readonly (readonly [...Failure, isRetried: boolean])[] = [
  [400, {}, false],
  [401, {}, false],
  [403, {}, false],
  [404, {}, false],
  [408, {}, true],
  [409, {}, true],
  [413, {}, false],
  [422, {}, false],
  [429, {}, true],
  [499, {}, false],
  [500, {}, true],
  [502, {}, true],
  [503, {}, true],
  [504, {}, true],
  [529, {}, true],
  // The server's advice takes precedence over the status.
  [400, { "x-should-retry": "true" }, true],
  [409, { "x-should-retry": "false" }, false],
  [503, { "x-should-retry": "false" }, false],
  [503, { "x-should-retry": "maybe" }, true],
  // Up to two minutes are waited, whatever the advice.
  [429, { "retry-after": "120" }, true],
  [429, { "retry-after": "121" }, false],
  [429, { "retry-after-ms": "120001" }, false],
  [503, { "retry-after": "300", "x-should-retry": "true" }, false],
];

for (const [status, headers, isRetried] of RETRIED) {
  const sent = Object.entries(headers ?? {}).map(([name, value]) => `, ${name}: ${value}`);
  test(`status ${status}${sent.join("")} is ${isRetried ? "" : "not "}retried`, async () => {
    assert.equal((await delaysOf([[status, headers]])).length, isRetried ? 1 : 0);
  });
}

test("the delay doubles from half a second to eight", async () => {
  const delays = await delaysOf(Array.from({ length: 7 }, () => [500] as const));

  assert.deepEqual(delays, [500, 1000, 2000, 4000, 8000, 8000, 8000]);
});

test("jitter shortens every delay by up to a quarter", async () => {
  const failures = Array.from({ length: 6 }, () => [500] as const);

  assert.deepEqual(await delaysOf(failures, 0.5), [437.5, 875, 1750, 3500, 7000, 7000]);
  assert.deepEqual(await delaysOf(failures, 1), [375, 750, 1500, 3000, 6000, 6000]);
});

const REQUESTED: readonly (readonly [headers: Readonly<Record<string, string>>, delayMs: number])[] = [
  [{ "retry-after-ms": "1500" }, 1500],
  [{ "retry-after": "2" }, 2000],
  [{ "retry-after": "0.5" }, 500],
  [{ "retry-after-ms": "30", "retry-after": "2" }, 30],
  [{ "retry-after": new Date(NOW + 7000).toUTCString() }, 7000],
  [{ "retry-after": "120" }, 120_000],
  // Without a usable delay the schedule applies.
  [{ "retry-after": "0" }, 500],
  [{ "retry-after": "-1" }, 500],
  [{ "retry-after": "soon" }, 500],
  [{ "retry-after": new Date(NOW - 7000).toUTCString() }, 500],
];

for (const [headers, delayMs] of REQUESTED) {
  const sent = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  test(`${sent.join(", ")} is a delay of ${delayMs} ms`, async () => {
    assert.deepEqual(await delaysOf([[429, headers]]), [delayMs]);
  });
}

test("a delay that the server requests does not reset the schedule", async () => {
  assert.deepEqual(await delaysOf([[429, { "retry-after": "3" }], [500], [500]]), [3000, 1000, 2000]);
});
