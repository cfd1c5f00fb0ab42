/** What counts as delivered: only what MLflow, or an OTLP endpoint, says when it has stored the spans. */

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import * as mlflow from "mlflow-ag2";
import { type Answer, type Received, type RecordingServer, startRecordingServer } from "../support/recording-server.js";
import { flushUntilRetry, resetTracing, warningsDuring } from "./tracing.js";

const PROTOBUF = "application/x-protobuf";
const JSON_TYPE = "application/json";
const TEXT = "text/plain";
const HTML = "text/html";

/** Type of the body, body, status. `undefined`: without the header. */
type Body = readonly [type: string | undefined, body: string | Uint8Array, status?: number];

const LOGIN = '{"error":"login_required","login_url":"https://sso.example/login"}';
const PAGE = "<!doctype html><title>Sign in</title>";
const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

/** What no MLflow says that has stored spans. */
const NOT_STORED: Record<string, Body> = {
  "JSON that asks to log in": [JSON_TYPE, LOGIN],
  "a function's error": [JSON_TYPE, '{"errorMessage":"Task timed out","errorType":"Sandbox.Timedout"}'],
  "a function's answer": [JSON_TYPE, '{"statusCode":200,"body":"{}"}'],
  "a health check": [JSON_TYPE, '{"status":"ok"}'],
  "an answer of GraphQL": [JSON_TYPE, '{"data":null,"errors":[]}'],
  "an error of MLflow with 200": [JSON_TYPE, '{"error_code":"INTERNAL_ERROR","message":"no"}'],
  "an experiment": [JSON_TYPE, '{"experiment_id":"1"}'],
  "a partial success with something else": [JSON_TYPE, '{"partialSuccess":{},"login":true}'],
  "a partial success that is a list": [JSON_TYPE, '{"partialSuccess":[]}'],
  "a partial success that is text": [JSON_TYPE, '{"partialSuccess":"yes"}'],
  "a partial success that is a number": [JSON_TYPE, '{"partialSuccess":1}'],
  "a partial success that is true": [JSON_TYPE, '{"partialSuccess":true}'],
  "a count of rejected spans that is no number": [JSON_TYPE, '{"partialSuccess":{"rejectedSpans":"some"}}'],
  "a count of rejected spans that is a list": [JSON_TYPE, '{"partialSuccess":{"rejectedSpans":[1]}}'],
  "JSON null": [JSON_TYPE, "null"],
  "JSON true": [JSON_TYPE, "true"],
  "a JSON number": [JSON_TYPE, "0"],
  "a JSON text": [JSON_TYPE, '"ok"'],
  "a JSON list": [JSON_TYPE, "[]"],
  "a JSON list of objects": [JSON_TYPE, "[{}]"],
  "JSON that is cut off": [JSON_TYPE, '{"partialSuccess":{'],
  "two JSON objects": [JSON_TYPE, "{}{}"],
  "{} that calls itself text": [TEXT, "{}"],
  "{} that calls itself a page": [HTML, "{}"],
  "{} without a type": [undefined, "{}"],
  "{} that calls itself protobuf": [PROTOBUF, "{}"],
  "{} with 201": [JSON_TYPE, "{}", 201],
  "{} with 202": [JSON_TYPE, "{}", 202],
  "{} with 203": [JSON_TYPE, "{}", 203],
  "plain text": [TEXT, "Please log in"],
  "plain text without a type": [undefined, "OK"],
  "text that is empty": [TEXT, ""],
  "a page": [HTML, PAGE],
  "a page in upper case": ["Text/HTML; charset=UTF-8", PAGE],
  "an empty page": [HTML, ""],
  "a page without a type": [undefined, PAGE],
  "a page that calls itself JSON": [JSON_TYPE, PAGE],
  "a page that calls itself protobuf": [PROTOBUF, PAGE],
  XHTML: ["application/xhtml+xml", PAGE],
  blanks: [TEXT, "  \n"],
  "nothing with 201": [undefined, "", 201],
  "nothing with 202": [PROTOBUF, "", 202],
  "nothing with 203": [PROTOBUF, "", 203],
  "nothing with 204": [undefined, "", 204],
  "nothing with 205": [undefined, "", 205],
  "protobuf with 206": [PROTOBUF, "", 206],
  "text that calls itself protobuf": [PROTOBUF, "stored"],
  "text with a line break that calls itself protobuf": [PROTOBUF, "\nwelcome"],
  "protobuf of another message": [PROTOBUF, bytes(0x12, 0x02, 0x08, 0x01)],
  "protobuf with an unknown field": [PROTOBUF, bytes(0x0a, 0x00, 0x18, 0x01)],
  "protobuf that is cut off": [PROTOBUF, bytes(0x0a, 0x05, 0x08)],
  "protobuf with a message that is no text": [PROTOBUF, bytes(0x0a, 0x03, 0x12, 0x01, 0xff)],
  "zeros that call themselves protobuf": [PROTOBUF, new Uint8Array(64)],
  "bytes without a type": [undefined, bytes(0x0a, 0x00)],
};

/** What stands for stored spans, each with how many of three are rejected by it. */
const STORED: Record<string, readonly [body: Body, rejected: number]> = {
  "nothing, in protobuf": [[PROTOBUF, ""], 0],
  "nothing, without a type": [[undefined, ""], 0],
  "nothing, in JSON": [[JSON_TYPE, ""], 0],
  "{}": [[JSON_TYPE, "{}"], 0],
  "{} with blanks and a charset": [["application/json; charset=utf-8", " {}\n"], 0],
  "an empty partial success": [[JSON_TYPE, '{"partialSuccess":{}}'], 0],
  "no partial success": [[JSON_TYPE, '{"partialSuccess":null}'], 0],
  "a partial success with a warning": [[JSON_TYPE, '{"partialSuccess":{"errorMessage":"slow down"}}'], 0],
  "a rejected span, counted in text": [[JSON_TYPE, '{"partialSuccess":{"rejectedSpans":"1"}}'], 1],
  "rejected spans, counted by a number": [[JSON_TYPE, '{"partialSuccess":{"rejectedSpans":2}}'], 2],
  "more rejected spans than were sent": [[JSON_TYPE, '{"partialSuccess":{"rejectedSpans":"99"}}'], 3],
  "fewer rejected spans than none": [[JSON_TYPE, '{"partialSuccess":{"rejectedSpans":-1}}'], 0],
  "an empty partial success in protobuf": [[PROTOBUF, bytes(0x0a, 0x00)], 0],
  "a rejected span in protobuf": [["application/protobuf", bytes(0x0a, 0x02, 0x08, 0x01)], 1],
};

describe("an answer to spans", () => {
  let server: RecordingServer;
  let answer: (request: Received) => Answer | undefined;

  before(async () => void (server = await startRecordingServer((request) => answer(request))));
  after(() => server.stop());
  beforeEach(async () => {
    await resetTracing();
    mlflow.init({ trackingUri: server.uri, timeoutMs: 60_000 });
  });
  afterEach(resetTracing);

  const isSpans = ({ path }: Received): boolean => path.endsWith("/v1/traces");
  const answerWith = ([type, body, status = 200]: Body): Answer => ({
    status,
    body,
    headers: { "content-type": type },
  });
  const record = (): void =>
    mlflow.withSpan(
      () => {
        mlflow.withSpan(() => 1);
        mlflow.withSpan(() => 2);
      },
      { name: "waits" },
    );

  for (const [what, body] of Object.entries(NOT_STORED)) {
    test(`${what}: nothing counts as delivered, it is reported once, and all arrives later`, async () => {
      const { delivered } = mlflow.stats();
      answer = (request) => (isSpans(request) ? answerWith(body) : undefined);
      const warnings = await warningsDuring(async () => {
        record();
        await flushUntilRetry();
        await flushUntilRetry();
      });
      assert.deepEqual([mlflow.stats().delivered - delivered, mlflow.stats().buffered], [0, 3]);
      assert.equal(mlflow.stats().lastError?.code, "not_mlflow");
      assert.equal(warnings.length, 1, warnings.join("\n"));
      answer = () => undefined;
      await mlflow.flush({ timeoutMs: 60_000 });
      assert.deepEqual([mlflow.stats().delivered - delivered, mlflow.stats().buffered], [3, 0]);
    });
  }

  for (const [what, [body, rejected]] of Object.entries(STORED)) {
    test(`${what}: it has been stored`, async () => {
      const before = mlflow.stats();
      answer = (request) => (isSpans(request) ? answerWith(body) : undefined);
      await warningsDuring(async () => {
        record();
        await mlflow.flush({ timeoutMs: 60_000 });
      });
      const { delivered, buffered, dropped } = mlflow.stats();
      assert.deepEqual(
        [delivered - before.delivered, dropped["refused"]! - (before.dropped["refused"] ?? 0), buffered],
        [3 - rejected, rejected, 0],
      );
    });
  }

  test("the request itself, from a server that echoes: nothing counts as delivered", async () => {
    const { delivered } = mlflow.stats();
    answer = (request) =>
      isSpans(request)
        ? { status: 200, body: request.body, headers: { "content-type": String(request.headers["content-type"]) } }
        : undefined;
    await warningsDuring(async () => {
      record();
      await flushUntilRetry();
    });
    assert.deepEqual([mlflow.stats().delivered - delivered, mlflow.stats().buffered], [0, 3]);
  });

  for (const [what, body] of Object.entries<Body>({
    "nothing with 200": [undefined, ""],
    "nothing with 202": [undefined, "", 202],
    "nothing in protobuf with 202": [PROTOBUF, "", 202],
    "text that is empty with 200": [TEXT, ""],
    "text that is empty with 202": [TEXT, "", 202],
    "{} with 202": [JSON_TYPE, "{}", 202],
  })) {
    test(`${what}, from another OTLP endpoint: it has been taken`, async () => {
      const { delivered } = mlflow.stats();
      mlflow.init({ otlpEndpoint: `${server.uri}/v1/traces` });
      answer = () => answerWith(body);
      record();
      await mlflow.flush({ timeoutMs: 60_000 });
      assert.deepEqual([mlflow.stats().delivered - delivered, mlflow.stats().buffered], [3, 0]);
    });
  }

  for (const [what, body] of Object.entries<Body>({
    "text with 202": [TEXT, "Accepted", 202],
    "a page": [HTML, PAGE],
    "an empty page": [HTML, ""],
    "nothing with 204": [undefined, "", 204],
    "JSON that asks to log in": [JSON_TYPE, LOGIN],
  })) {
    test(`${what}, from another OTLP endpoint: nothing counts as delivered`, async () => {
      const { delivered } = mlflow.stats();
      mlflow.init({ otlpEndpoint: `${server.uri}/v1/traces` });
      answer = () => answerWith(body);
      await warningsDuring(async () => {
        record();
        await flushUntilRetry();
      });
      assert.deepEqual([mlflow.stats().delivered - delivered, mlflow.stats().buffered], [0, 3]);
    });
  }

  for (const [what, [type, body]] of Object.entries<Body>({
    "JSON that asks to log in": [JSON_TYPE, LOGIN],
    "a trace info": [JSON_TYPE, '{"trace":{"trace_info":{"trace_id":"tr-1"}}}'],
    "a partial success": [JSON_TYPE, '{"partialSuccess":{}}'],
    "a list": [JSON_TYPE, "[]"],
    text: [TEXT, "OK"],
    "{} that calls itself text": [TEXT, "{}"],
  })) {
    test(`${what}, to the file of a whole trace: nothing counts as delivered`, async () => {
      const { delivered } = mlflow.stats();
      const info = (request: Received): Answer => {
        const { trace } = JSON.parse(request.body.toString()) as { trace: { trace_info: { tags?: object } } };
        trace.trace_info.tags = { "mlflow.artifactLocation": "mlflow-artifacts:/0/traces/tr/artifacts" };
        return { status: 200, body: JSON.stringify({ trace }) };
      };
      let file = answerWith([type, body]);
      answer = (request) => {
        if (request.path.endsWith("/server-info")) return { status: 200, body: '{"store_type":"FileStore"}' };
        if (request.path.endsWith("/traces")) return info(request);
        return request.method === "PUT" ? file : undefined;
      };
      await warningsDuring(async () => {
        record();
        await flushUntilRetry();
      });
      assert.deepEqual([mlflow.stats().delivered - delivered, mlflow.stats().buffered], [0, 3]);
      for (const stored of ["", "{}"]) {
        file = { status: 200, body: stored };
        record();
        await mlflow.flush({ timeoutMs: 60_000 });
        assert.equal(mlflow.stats().buffered, 0);
      }
      assert.equal(mlflow.stats().delivered - delivered, 9);
    });
  }
});
