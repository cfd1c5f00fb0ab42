/** The page's explanation of a failed request to a server, for each reason that it can distinguish. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { explain, type Failure } from "../../www/parts/explanations.js";

const FAILURE: Failure = {
  code: "unreachable",
  message: "no answer",
  uri: "http://mlflow.example:5000",
  isForbidden: false,
  page: { protocol: "http:", origin: "http://app.example" },
};
const HTTPS = { protocol: "https:", origin: "https://app.example" };

test("a server that requires a login is explained with the proxy that a page needs for it", () => {
  const { state, text, command } = explain({
    ...FAILURE,
    code: "unauthorized",
    message: "the server refused the login",
  });
  assert.deepEqual([state, command], ["bad", undefined]);
  assert.match(text, /^the server refused the login\n.*basic-auth.*preflight.*reverse proxy/s);
});

test("an error that is not about reaching the server is shown unchanged", () => {
  assert.deepEqual(explain({ ...FAILURE, code: "invalid_argument", message: "no such experiment" }), {
    state: "bad",
    text: "no such experiment",
  });
  assert.deepEqual(explain({ ...FAILURE, code: undefined, message: "odd" }), { state: "bad", text: "odd" });
});

test("a policy that forbids the request comes before all other reasons, with the policy that allows it", () => {
  const { text, command } = explain({ ...FAILURE, isForbidden: true, page: HTTPS });
  assert.match(text, /forbids it to talk to http:\/\/mlflow\.example:5000/);
  assert.match(command ?? "", /connect-src 'self' http: https:/);
});

test("an https page cannot reach an http server elsewhere, but can reach one on this machine", () => {
  assert.match(explain({ ...FAILURE, page: HTTPS }).text, /came by https.*mlflow\.example:5000 is neither/);
  for (const uri of ["http://localhost:5000", "http://127.0.0.1:5000", "http://[::1]:5000", "https://mlflow.example"]) {
    assert.match(explain({ ...FAILURE, uri, page: HTTPS }).text, /does not allow this page's origin/, uri);
  }
});

test("without a better reason the server's command is named, with the requested port and the page's origin", () => {
  const commandOf = (uri: string): string | undefined => explain({ ...FAILURE, uri }).command;
  assert.equal(
    commandOf("http://mlflow.example:5000"),
    'mlflow server --port 5000 --cors-allowed-origins "http://app.example"',
  );
  assert.match(commandOf("http://mlflow.example") ?? "", /--port 80 /);
  assert.match(commandOf("https://mlflow.example") ?? "", /--port 443 /);
});
