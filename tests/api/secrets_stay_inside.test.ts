/**
 * The value under a secret key leaves the program nowhere: not in an attribute, an event, a tag or metadata, and not
 * in a text, whether it holds JSON that was quoted several times, a header or a query string.
 */

import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import {
  flush,
  getTrace,
  init,
  setTrackingUri,
  startSpan,
  updateCurrentTrace,
  withSpan,
  type RedactableSpan,
} from "mlflow-ag2";
import { type RecordingServer, startRecordingServer } from "../support/recording-server.js";

const SECRET = "s3cr3tS3CR3T";
const KEPT = "k3pt";

let server: RecordingServer;
before(async () => {
  server = await startRecordingServer();
});
after(async () => {
  await flush();
  setTrackingUri("memory:");
  await server.stop();
});
beforeEach(() => {
  server.received.length = 0;
  setTrackingUri(server.uri);
  init({ compression: false, redact: null });
});

/** All that was sent of what `work` has recorded, as one text. */
async function sent(work: () => unknown): Promise<string> {
  work();
  await flush();
  return Buffer.concat(server.received.map(({ path, body }) => Buffer.concat([Buffer.from(path), body]))).toString();
}

/** Fails if the secret was sent, or the rest was not. */
async function assertMasked(work: () => unknown, what: string): Promise<void> {
  server.received.length = 0;
  const text = await sent(work);
  assert.ok(text.includes(KEPT), `${what}: the rest was not recorded`);
  assert.equal(text.includes(SECRET), false, `${what}: the secret was sent`);
}

/** What a text or an argument becomes when it is recorded. */
async function recorded(inputs: unknown): Promise<unknown> {
  const span = startSpan({ name: "recorded", parent: null, inputs });
  span.end();
  return (await getTrace(span.traceId))!.data.spans[0]!.inputs;
}

describe("the value under a secret key", () => {
  test("is not sent in attributes, events, tags, metadata and previews that the program sets", async () => {
    const values: readonly unknown[] = [
      SECRET,
      [SECRET, { deep: [SECRET] }],
      { user: "ada", value: SECRET },
      new String(SECRET),
      new Map<unknown, unknown>([[1, SECRET]]),
      [KEPT, `{"password":"${SECRET}"}`],
    ];
    for (const value of values) {
      await assertMasked(
        () =>
          withSpan(
            (span) => {
              span.setAttribute("kept", KEPT);
              span.setAttribute("password", value);
              span.setAttributes({ "db.api-key": value, nested: { deep: [{ hf_token: value }] } });
              span.addEvent({ name: "signed in", attributes: { client_secret: value, note: `api_key=${SECRET}` } });
              span.end({ attributes: { "Ocp-Apim-Subscription-Key": value } });
            },
            { name: `GET /?token=${SECRET}`, attributes: { GITHUB_TOKEN: value } },
          ),
        JSON.stringify(value) ?? "a map",
      );
    }
    await assertMasked(
      () =>
        withSpan((span) => {
          updateCurrentTrace({
            tags: { password: SECRET, note: `Authorization: Bearer ${SECRET}`, kept: KEPT },
            metadata: { "vault-token": SECRET, note: `{"secret":"${SECRET}"}` },
            requestPreview: `?api_key=${SECRET}&a=1`,
            responsePreview: `{"password":"${SECRET}"}`,
          });
          span.setStatus("ERROR", `refused: {"api_key":"${SECRET}"}`);
          span.addEvent({ name: `password=${SECRET}` });
        }),
      "tags, metadata, previews, the status and names",
    );
  });

  test("is not sent in attributes that `redact` adds", async () => {
    init({ redact: (span: RedactableSpan) => void (span.attributes["api_key"] = SECRET) });
    await assertMasked(() => startSpan({ name: KEPT, parent: null }).end(), "added by redact");
  });

  test("is masked in maps with any keys, in objects that wrap a text, and in lists of them", async () => {
    class Wrapped {
      toJSON(): string {
        return SECRET;
      }
    }
    const values: readonly unknown[] = [
      new Map<unknown, unknown>([
        [1, "one"],
        ["password", SECRET],
        [new String("api_key"), SECRET],
        [Symbol("token"), [SECRET]],
      ]),
      { password: new String(SECRET) },
      { api_key: Object(123_456_789n) as unknown },
      { credentials: { user: "ada", list: [SECRET, { more: SECRET }] } },
      { password: new Wrapped() },
      { secret: new URL(`https://example.org/${SECRET}`) },
      { secret: new Set([SECRET]) },
      { secret: Symbol(SECRET) },
      { ["x".repeat(300) + "_password"]: SECRET },
      { "user[password]": SECRET, "api key": SECRET, "API.KEY.2": SECRET },
    ];
    for (const value of values) {
      const text = JSON.stringify(await recorded({ value, kept: KEPT }));
      assert.ok(text.includes("***") && text.includes(KEPT), text);
      assert.equal(text.includes(SECRET) || text.includes("123456789"), false, text);
    }
  });

  test("is masked in JSON within JSON within JSON, with any value, and the rest can still be parsed", async () => {
    const pem = `-----BEGIN PRIVATE KEY-----\n${SECRET}/+=\n${SECRET}\n-----END PRIVATE KEY-----\n`;
    const values: readonly unknown[] = [
      SECRET,
      `a"b\\c\n${SECRET}"x\\`,
      pem,
      [SECRET, `\\"${SECRET}`],
      { user: SECRET, list: [1, { deep: SECRET }], flag: true },
      -12.5e10,
    ];
    for (const value of values) {
      for (const key of ["password", "api_keys", "X-Api-Key", "Proxy-Authorization", "hf_token", "db credential"]) {
        for (const indent of [undefined, 2]) {
          let text = JSON.stringify({ a: KEPT, [key]: value, z: 1 }, null, indent);
          for (let depth = 0; depth < 6; depth += 1) {
            const masked = (await recorded(`before: it's ${text} after`)) as string;
            const what = `${key} ${JSON.stringify(value)} at depth ${depth}`;
            assert.equal(masked.includes(SECRET) || masked.includes("125000000000"), false, what);
            let inner: unknown = JSON.parse(masked.slice("before: it's ".length, -" after".length));
            for (let at = 0; at < depth; at += 1)
              inner = JSON.parse((inner as { deep?: string }).deep ?? (inner as string));
            assert.deepEqual(
              [(inner as Record<string, unknown>)["a"], (inner as Record<string, unknown>)["z"]],
              [KEPT, 1],
              what,
            );
            text = JSON.stringify(depth % 2 === 0 ? { deep: text } : text);
          }
        }
      }
    }
  });

  test("is masked whatever stands between the key and the value, and however the key is written", async () => {
    const texts: Record<string, string> = {
      [`{"password" : "${SECRET}"}`]: `{"password" : "***"}`,
      [`{"password"\t\r\n :\n "${SECRET}"}`]: `{"password"\t\r\n :\n "***"}`,
      [`{\\"password\\" \\n : \\"${SECRET}\\"}`]: `{\\"password\\" \\n : \\"***\\"}`,
      [`{"pass\\u0077ord":"${SECRET}"}`]: `{"pass\\u0077ord":"***"}`,
      [`{"api\\u005Fkey":"${SECRET}"}`]: `{"api\\u005Fkey":"***"}`,
      [`{'password': '${SECRET}', 'a': 1}`]: `{'password': '***', 'a': 1}`,
      [`{"password":["${SECRET}",5,null]}`]: `{"password":["***","***",null]}`,
      [`{"credentials":{"user":"${SECRET}"`]: `{"credentials":{"user":"***"`,
      [`{"password":"${SECRET}`]: `{"password":"***"`,
      [`{\\u0022password\\u0022:\\u0022${SECRET}\\u0022}`]: `{\\"password\\":\\"***\\"}`,
      [`{password: "${SECRET}", b: 2}`]: `{password: "***", b: 2}`,
      [`const apiKey = "${SECRET}";`]: `const apiKey = "***";`,
    };
    for (const [text, masked] of Object.entries(texts)) assert.equal(await recorded(text), masked, text);
  });

  test("is masked in headers, query strings, forms and environments within a text", async () => {
    const texts: Record<string, string> = {
      [`Authorization: Bearer ${SECRET}`]: "Authorization: ***",
      [`POST / HTTP/1.1\r\nX-Api-Key: ${SECRET}\r\nHost: x`]: "POST / HTTP/1.1\r\nX-Api-Key: ***\r\nHost: x",
      [`Cookie: a="${SECRET}"; b=${SECRET}\nHost: x`]: "Cookie: ***\nHost: x",
      [`curl -H 'Authorization: Basic ${SECRET}==' https://x`]: "curl -H 'Authorization: ***' https://x",
      [`{"log":"-H \\"Authorization: Bearer ${SECRET}\\" ok"}`]: '{"log":"-H \\"Authorization: ***\\" ok"}',
      [`{"log":"Authorization: Bearer ${SECRET}\\nnext"}`]: '{"log":"Authorization: ***\\nnext"}',
      [`https://x/?a=1&api_key=${SECRET}&b=2`]: "https://x/?a=1&api_key=***&b=2",
      [`https://x/?access%5Ftoken=${SECRET} ok`]: "https://x/?access%5Ftoken=*** ok",
      [`Server=x;Password=${SECRET};Db=1`]: "Server=x;Password=***;Db=1",
      [`AWS_SECRET_ACCESS_KEY=${SECRET}/x+y\nA=1`]: "AWS_SECRET_ACCESS_KEY=***\nA=1",
      [`f(password='${SECRET}', x=1)`]: "f(password='***', x=1)",
      [`KEY=1\nPRIVATE_KEY=-----BEGIN PRIVATE KEY-----\n${SECRET}\n-----END PRIVATE KEY-----\nend`]:
        "KEY=1\nPRIVATE_KEY=***\nend",
      [`your password: ${SECRET}`]: "your password: ***",
    };
    for (const [text, masked] of Object.entries(texts)) assert.equal(await recorded(text), masked, text);
  });
});

test("sentences, code and schemas stay as they are", async () => {
  for (const text of [
    "Password: must have at least 8 characters",
    "the secret: it is well kept",
    "token = next()",
    "password:\n\nThe next paragraph",
    "function f(apiKey: string, b) {}",
    '{"max_tokens":5,"tokens":["a"],"eos_token":"</s>","nextPageToken":"x","inputTokens":3}',
    '{"token": "Hello", "logprob": -1}',
    '{"password":null,"secret":true,"token":""}',
    '{"password":{"description":"of the user","type":"string"}}',
    '{"password":"***"}',
    "12:30, http://example.org/a:b?c=d",
    "\\".repeat(50),
  ])
    assert.equal(await recorded(text), text);
  assert.deepEqual(await recorded({ password: { type: ["string", "null"], default: SECRET, title: KEPT } }), {
    password: { type: ["string", "null"], default: "***", title: KEPT },
  });
});
