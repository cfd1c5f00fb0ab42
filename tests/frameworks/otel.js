/**
 * Programs that are instrumented with OpenTelemetry, in the conventions of several libraries, for `mlflow-ag2/otel`.
 */

import { context, ROOT_CONTEXT, SpanStatusCode, trace } from "@opentelemetry/api";
import { BasicTracerProvider, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { startSpan, withSpan } from "mlflow-ag2";
import { otel } from "mlflow-ag2/otel";
import { host } from "./program.js";

/** The asynchronous context of the host; in a page a context holds while a function runs synchronously. */
const storage = newStorage();
const stack = [];

function newStorage() {
  const { AsyncLocalStorage } = globalThis.process?.getBuiltinModule?.("node:async_hooks") ?? {};
  return AsyncLocalStorage && new AsyncLocalStorage();
}

class ContextManager {
  active() {
    return (storage ? storage.getStore() : stack.at(-1)) ?? ROOT_CONTEXT;
  }
  with(active, callback, self, ...args) {
    if (storage) return storage.run(active, callback.bind(self, ...args));
    stack.push(active);
    try {
      return callback.apply(self, args);
    } finally {
      stack.pop();
    }
  }
  bind(_, target) {
    return target;
  }
  enable() {
    return this;
  }
  disable() {
    return this;
  }
}

function provider(processor) {
  const made = new BasicTracerProvider({ spanProcessors: [processor] });
  // Version 1 of the SDK.
  made.addSpanProcessor?.(processor);
  return made;
}

context.setGlobalContextManager(new ContextManager());
const tracer = provider(otel({ include: ({ name }) => name !== "GET /health" })).getTracer("instrumented");

const within = (span) => trace.setSpan(context.active(), span);
/** As instrumented libraries do it: the span is active while `work` runs, and given on explicitly. */
async function spanned(name, attributes, parent, work = async () => undefined) {
  const span = tracer.startSpan(name, { attributes }, parent ? within(parent) : context.active());
  try {
    return await context.with(within(span), () => work(span));
  } catch (error) {
    span.recordException(error);
    span.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
    throw error;
  } finally {
    span.end();
  }
}

const message = (role, content) => ({ role, parts: [{ type: "text", content }] });
/** A call of a model, by the conventions of GenAI. */
const chat = (question, answer, parent) =>
  spanned(
    "chat gpt-4o-mini",
    { "gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai" },
    parent,
    async (span) => {
      span.setAttribute("gen_ai.input.messages", JSON.stringify([message("user", question)]));
      span.setAttribute("gen_ai.request.model", "gpt-4o-mini");
      await Promise.resolve();
      if (answer === "!") throw new Error("the model is down");
      span.setAttributes({
        "gen_ai.output.messages": JSON.stringify([message("assistant", answer)]),
        "gen_ai.usage.input_tokens": 11,
        "gen_ai.usage.output_tokens": 4,
        "gen_ai.usage.cache_read.input_tokens": 3,
      });
      return answer;
    },
  );
/** A turn of an agent, by the same. */
const turn = (question, answer) =>
  spanned(
    "invoke_agent assistant",
    { "gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": "assistant", "session.id": "session 7" },
    undefined,
    (span) => chat(question, answer, span),
  );

export const worker = host({
  twoTurns: () =>
    spanned(
      "conversation",
      { "openinference.span.kind": "CHAIN", "input.value": "two turns" },
      undefined,
      async (span) => {
        const first = await context.with(within(span), () => turn("I am Ada.", "Hello Ada."));
        const second = await context.with(within(span), () => turn("Who am I?", "You are Ada."));
        span.setAttribute("output.value", second);
        return [first, second];
      },
    ),
  tool: () =>
    spanned("invoke_agent assistant", { "gen_ai.operation.name": "invoke_agent" }, undefined, async (agent) => {
      await chat("Weather in Oslo?", "Let me see.", agent);
      await spanned(
        "execute_tool weather",
        { "gen_ai.operation.name": "execute_tool", "gen_ai.tool.call.arguments": '{"city":"Oslo"}' },
        agent,
        async (span) => {
          // Of this package, within a span of OpenTelemetry, within which there is one of OpenTelemetry again.
          await withSpan(
            async () => {
              await spanned("GET /health", {}, undefined, (health) => spanned("dns", {}, health));
            },
            { name: "look up" },
          );
          span.setAttribute("gen_ai.tool.call.result", '{"sun":true}');
        },
      );
      return await chat("And?", "It is sunny.", agent);
    }),
  async stream() {
    const span = tracer.startSpan("ai.streamText.doStream", {
      attributes: {
        "ai.operationId": "ai.streamText.doStream",
        "ai.model.id": "gpt-4o-mini",
        "ai.model.provider": "openai.chat",
        "ai.prompt.messages": '[{"role":"user","content":"A joke about fish, please."}]',
      },
    });
    const chunks = [];
    for await (const chunk of (async function* () {
      yield* ["Two", " fish", " swim"];
    })()) {
      chunks.push(chunk);
      span.addEvent("ai.stream.firstChunk", { index: chunks.length });
    }
    span.setAttributes({
      "ai.response.text": chunks.join(""),
      "ai.usage.promptTokens": 11,
      "ai.usage.completionTokens": 4,
    });
    span.end();
    return chunks;
  },
  error: () =>
    spanned("invoke_agent assistant", { "gen_ai.operation.name": "invoke_agent" }, undefined, (agent) =>
      chat("Anything.", "!", agent),
    ),
  twoAtOnce: () =>
    withSpan(() => Promise.all([turn("Two fish", "Two fish"), turn("Two birds", "Two birds")]), { name: "both" }),
  async exporter() {
    const exporting = provider(new SimpleSpanProcessor(otel())).getTracer("exported");
    const start = 1_700_000_000_000;
    const root = exporting.startSpan("root", { startTime: start });
    const child = exporting.startSpan("child", { startTime: start + 10 }, within(root));
    child.end(start + 20);
    root.end(start + 30);
  },
  async openInference() {
    const span = tracer.startSpan("ChatCompletion", {
      attributes: {
        "openinference.span.kind": "LLM",
        "llm.model_name": "gpt-4o-mini",
        "llm.provider": "azure",
        "llm.input_messages.0.message.role": "user",
        "llm.input_messages.0.message.content": "Hi.",
        "llm.output_messages.0.message.role": "assistant",
        "llm.output_messages.0.message.content": "Hello.",
        "llm.token_count.prompt": 2,
        "llm.token_count.completion": 1,
        "llm.token_count.total": 3,
      },
    });
    span.end();
  },
  async manual() {
    // A span of this package starts and ends around one of OpenTelemetry, whose parent is passed as a context.
    const mine = startSpan({ name: "mine" });
    await withSpan(() => turn("Hi.", "Hello."), { name: "active", parent: mine });
    mine.end();
  },
});
