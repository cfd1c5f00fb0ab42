/** Nothing that a server says, with whatever status, shows a secret or moves a terminal's cursor. */

import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import * as mlflow from "mlflow-ag2";

const TOKEN = "TOKEN123SECRET+/=";
const API_KEY = "api key 0123456789";
const WORDS = `no: Bearer ${TOKEN} and ${API_KEY}\u001b]0;owned\u0007\u009b2J\u202eback\u2028line`;
// oxlint-disable-next-line no-control-regex
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/;

const warnings: string[] = [];
const { warn } = console;
before(() => {
  console.warn = (...texts: unknown[]) => void warnings.push(texts.join(" "));
});
afterEach(async () => {
  await mlflow.shutdown({ timeoutMs: 0 });
  mlflow.enable();
  warnings.length = 0;
});
after(() => {
  console.warn = warn;
  mlflow.init({ trackingUri: "memory:", token: null, headers: null, fetch: null });
});

function assertClean(text: string, what: string): void {
  for (const secret of [TOKEN, "TOKEN123", API_KEY, "0123456789"])
    assert.equal(text.includes(secret), false, `${what}: ${text}`);
  assert.doesNotMatch(text, UNPRINTABLE, what);
}

/** An `ExportTraceServiceResponse` that has rejected one span. */
function partialSuccess(message: string): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(message);
  return new Uint8Array([10, text.length + 4, 8, 1, 18, text.length, ...text]);
}

const PROTOBUF = { "content-type": "application/x-protobuf" };
const ANSWERS: Record<string, () => Response> = {
  "a partial success in JSON": () => Response.json({ partialSuccess: { rejectedSpans: "1", errorMessage: WORDS } }),
  "a partial success in protobuf": () => new Response(partialSuccess(WORDS.slice(0, 90)), { headers: PROTOBUF }),
  "the token at the end of what is quoted": () =>
    new Response(partialSuccess(`${"x".repeat(110)}${TOKEN}`), { headers: PROTOBUF }),
  "the token in a text that is cut": () => new Response(`${"x".repeat(290)}${TOKEN}`, { status: 400 }),
  "the token in a message that is cut": () => Response.json({ message: `${"x".repeat(290)}${TOKEN}` }, { status: 403 }),
  ...Object.fromEntries(
    [200, 202, 400, 401, 403, 404, 409, 413, 422, 429, 500, 503].flatMap((status) => [
      [`status ${status}, JSON`, () => Response.json({ message: WORDS, error_code: WORDS }, { status })],
      [`status ${status}, detail`, () => Response.json({ detail: WORDS }, { status })],
      [`status ${status}, text`, () => new Response(WORDS, { status })],
    ]),
  ),
  "a fetch that fails": () => {
    throw new Error(WORDS, { cause: new Error(WORDS) });
  },
};

for (const [what, answer] of Object.entries(ANSWERS)) {
  test(`no warning, result of stats() or error shows a secret: ${what}`, async () => {
    mlflow.init({
      trackingUri: "http://mlflow.test",
      token: null,
      headers: () => ({ authorization: `Bearer ${TOKEN}`, "x-api-key": API_KEY }),
      fetch: async () => answer(),
      timeoutMs: 1000,
    });
    mlflow.withSpan(() => 1, { name: "sent" });
    await mlflow.flush({ timeoutMs: 50 });
    const errors: string[] = [];
    const note = (error: unknown): void => {
      for (let at: unknown = error; at instanceof Error; at = at.cause) errors.push(at.message);
    };
    // With some answers it waits for as long as it takes.
    void mlflow.setExperiment("another").catch(note);
    await mlflow.flush({ timeoutMs: 50 });
    await mlflow.searchTraces({ filterString: "odd" }).catch(note);
    await mlflow.getTrace("tr-00000000000000000000000000000001").catch(note);
    assertClean(warnings.join(" "), what);
    assertClean(JSON.stringify(mlflow.stats()).replaceAll("\\n", ""), what);
    assertClean(mlflow.stats().lastError?.message ?? "", what);
    assertClean(errors.join(" "), what);
    assert.ok(warnings.length > 0 || mlflow.stats().lastError !== undefined || errors.length > 0, what);
  });
}
