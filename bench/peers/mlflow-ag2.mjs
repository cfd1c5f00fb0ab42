/** This package, as its users use it: `startSpan` and `end`. */

import { notify } from "@agents-observer";
import * as mlflow from "mlflow-ag2";
import { counter, respond } from "./counting.mjs";

const MANY = 2 ** 30;
const encoder = new TextEncoder();
const bytesOf = (body) => (body instanceof Uint8Array ? body : encoder.encode(body ?? ""));
const FLUSH_SPANS = 20_000;

export default {
  async create({ mode, keepBodies, url, experimentId = "0", isWire }) {
    const { seen, take } = counter(keepBodies);
    const count = async (address, { body }) => {
      // On the wire everything counts that is sent.
      if (isWire || (mode !== "drop" && String(address).endsWith("/v1/traces"))) take(bytesOf(body));
      return respond(address);
    };
    const watch = async (address, init) => {
      if (String(address).endsWith("/v1/traces")) take(init.body);
      return fetch(address, init);
    };
    mlflow.init({
      trackingUri: url ?? "http://127.0.0.1:9",
      experimentId,
      fetch: url === undefined ? count : watch,
      // The peers do not compress by default. Over a network the defaults are measured.
      ...(url === undefined && !isWire ? { compression: false } : {}),
      // Like theirs, a queue that drops nothing.
      maxBufferSpans: MANY,
      maxBufferBytes: MANY,
    });
    let waiting = 0;
    return {
      start(parent, kind, name, inputs, turn) {
        waiting += 1;
        const attributes = turn && { "mlflow.llm.model": turn.model, "mlflow.chat.tokenUsage": turn.usage };
        return mlflow.startSpan({ name, spanType: kind, inputs, parent, attributes });
      },
      end(span, outputs) {
        span.end({ outputs });
      },
      async drain() {},
      flush: () => mlflow.flush(),
      // What waits goes to an address that drops it, outside the time that is measured, and not more
      // often than programs do that.
      async reset() {
        if (waiting < FLUSH_SPANS) return;
        waiting = 0;
        await mlflow.flush();
      },
      /** Drops what is finished now: large values would fill the memory. */
      drop: () => mlflow.flush(),
      stats: () => seen,
      /** Counts the characters that cross into the core until the function that it gives is called. */
      countCrossings() {
        const real = TextEncoder.prototype.encodeInto;
        const realCode = String.prototype.charCodeAt;
        let characters = 0;
        // Short texts cross character by character.
        String.prototype.charCodeAt = function (at) {
          characters += 1;
          return realCode.call(this, at);
        };
        TextEncoder.prototype.encodeInto = function (text, into) {
          characters += text.length;
          return real.call(this, text, into);
        };
        return () => {
          TextEncoder.prototype.encodeInto = real;
          String.prototype.charCodeAt = realCode;
          return characters;
        };
      },
    };
  },

  /** A function of the program, bare and as it is hooked while tracing is off. */
  async hooks() {
    mlflow.init({ trackingUri: "memory:" });
    mlflow.autolog();
    const bare = (value) => value & 7;
    const reporting = (value) => {
      notify((observer) => observer.end?.(undefined, value));
      return value & 7;
    };
    const traced = mlflow.trace(bare);
    traced(1);
    mlflow.disable();
    return { bare, hooked: { report: reporting, trace: traced } };
  },
};
