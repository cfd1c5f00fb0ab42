/** Programs of Vercel's `ai` with a scripted model, in versions 5, 6 and 7, for `mlflow-ag2/ai`. */

import * as ai from "ai";
import { startSpan, withSpan } from "mlflow-ag2";
import { ai as telemetry } from "mlflow-ag2/ai";
import { host } from "./program.js";

const VERSION = "registerTelemetry" in ai ? 7 : "ToolLoopAgent" in ai ? 6 : 5;
globalThis.AI_SDK_LOG_WARNINGS = false;

/** What switches on the recording of a call; below `parent`, if it is given. */
function listening(functionId, parent) {
  if (VERSION !== 7) return { experimental_telemetry: { isEnabled: true, functionId, tracer: telemetry({ parent }) } };
  return { telemetry: { functionId, ...(parent && { integrations: [telemetry({ parent })] }) } };
}
if (VERSION === 7) ai.registerTelemetry(telemetry());

const USAGE =
  VERSION === 5
    ? { inputTokens: 11, outputTokens: 4, totalTokens: 15 }
    : { inputTokens: { total: 11, noCache: 11, cacheRead: 0 }, outputTokens: { total: 4, text: 4, reasoning: 0 } };
const finish = (reason) => (VERSION === 5 ? reason : { unified: reason, raw: reason });

/** A model that says what its script has; an error is thrown. */
function scripted(...replies) {
  const next = () => {
    const reply = replies.shift();
    if (reply instanceof Error) throw reply;
    return reply;
  };
  return {
    specificationVersion: { 5: "v2", 6: "v3", 7: "v4" }[VERSION],
    provider: "openai",
    modelId: "gpt-4o-mini",
    supportedUrls: {},
    async doGenerate() {
      const content = next();
      const reason = content.some(({ type }) => type === "tool-call") ? "tool-calls" : "stop";
      return { content, finishReason: finish(reason), usage: USAGE, warnings: [] };
    },
    async doStream({ abortSignal }) {
      const [{ text }] = next();
      const stream = new ReadableStream({
        async start(controller) {
          controller.enqueue({ type: "stream-start", warnings: [] });
          controller.enqueue({ type: "text-start", id: "1" });
          for (const delta of text.split(/(?= )/)) {
            if (abortSignal?.aborted) return controller.error(abortSignal.reason);
            controller.enqueue({ type: "text-delta", id: "1", delta });
            await new Promise((resolve) => setTimeout(resolve, 5));
          }
          controller.enqueue({ type: "text-end", id: "1" });
          controller.enqueue({ type: "finish", finishReason: finish("stop"), usage: USAGE });
          controller.close();
        },
      });
      return { stream };
    },
  };
}

const says = (text) => [{ type: "text", text }];
const calls = (input) => [
  { type: "tool-call", toolCallId: "call_1", toolName: "weather", input: JSON.stringify(input) },
];

const weather = ai.tool({
  description: "The weather in a city.",
  inputSchema: ai.jsonSchema({ type: "object", properties: { city: { type: "string" } }, required: ["city"] }),
  async execute({ city }) {
    startSpan({ name: "look up" }).end();
    if (city === "Atlantis") throw new Error("no such city");
    return `Sun in ${city}`;
  },
});

export const worker = host({
  async twoTurns() {
    const model = scripted(says("Hello Ada."), says("You are Ada."));
    return await withSpan(
      async (span) => {
        const messages = [{ role: "user", content: "I am Ada." }];
        const texts = [];
        for (const question of ["Who am I?", undefined]) {
          const { text } = await ai.generateText({ model, messages, ...listening("chat", span) });
          texts.push(text);
          messages.push({ role: "assistant", content: text }, { role: "user", content: question });
        }
        return texts;
      },
      { name: "conversation" },
    );
  },
  async tool() {
    const { text } = await ai.generateText({
      model: scripted(calls({ city: "Oslo" }), says("It is sunny.")),
      tools: { weather },
      stopWhen: ai.stepCountIs(3),
      system: "Be short.",
      prompt: "Weather in Oslo?",
      ...listening("forecast"),
    });
    return text;
  },
  async stream() {
    const chunks = [];
    const { textStream } = ai.streamText({
      model: scripted(says("Two fish swim")),
      prompt: "A joke.",
      ...listening("joke"),
    });
    for await (const chunk of textStream) chunks.push(chunk);
    return chunks;
  },
  async error() {
    const model = scripted(new Error("the model is down"));
    await ai.generateText({ model, prompt: "Hello", maxRetries: 0, ...listening("fails") });
  },
  async twoAtOnce() {
    return await withSpan(
      async (span) =>
        await Promise.all(
          ["fish", "birds"].map(async (topic) => {
            const model = scripted(says(`Two ${topic}`));
            return (await ai.generateText({ model, prompt: topic, ...listening("joke", span) })).text;
          }),
        ),
      { name: "both" },
    );
  },
  async toolError() {
    const { text } = await ai.generateText({
      model: scripted(calls({ city: "Atlantis" }), says("I do not know.")),
      tools: { weather },
      stopWhen: ai.stepCountIs(3),
      prompt: "Weather in Atlantis?",
      ...listening("forecast"),
    });
    return text;
  },
  async streamError() {
    const model = scripted(new Error("the model is down"));
    const errors = [];
    const onError = ({ error }) => void errors.push(error.message);
    const result = ai.streamText({ model, prompt: "A joke.", maxRetries: 0, onError, ...listening("joke") });
    for await (const _ of result.textStream);
    return errors;
  },
  async abort() {
    const controller = new AbortController();
    const model = scripted(says("Two fish swim in the sea"));
    const abortSignal = controller.signal;
    const result = ai.streamText({ model, prompt: "A joke.", abortSignal, onError() {}, ...listening("joke") });
    let chunks = 0;
    for await (const { type } of result.fullStream) if (type === "text-delta" && ++chunks === 2) controller.abort();
    return chunks < 6;
  },
  async object() {
    const { object } = await ai.generateObject({
      model: scripted(says('{"city":"Oslo"}')),
      schema: ai.jsonSchema({ type: "object", properties: { city: { type: "string" } } }),
      prompt: "A city.",
      ...listening("city"),
    });
    return object;
  },
  async agent() {
    const Agent = ai.ToolLoopAgent ?? ai.Experimental_Agent;
    const model = scripted(calls({ city: "Oslo" }), says("It is sunny."));
    const agent = new Agent({ model, tools: { weather }, stopWhen: ai.stepCountIs(3), ...listening("agent") });
    return (await agent.generate({ prompt: "Weather in Oslo?" })).text;
  },
  async embed() {
    const model = {
      specificationVersion: { 5: "v2", 6: "v3", 7: "v4" }[VERSION],
      provider: "openai",
      modelId: "text-embedding-3-small",
      maxEmbeddingsPerCall: 9,
      supportsParallelCalls: true,
      doEmbed: async ({ values }) => ({ embeddings: values.map(() => [1, 2]), usage: { tokens: 3 }, warnings: [] }),
    };
    return (await ai.embed({ model, value: "Oslo", ...listening("embed") })).embedding;
  },
});
