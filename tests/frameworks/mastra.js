/** Agents, workflows and tools of Mastra with a scripted model, for `mlflow-ag2/mastra`. */

import { Agent } from "@mastra/core/agent";
import { Mastra } from "@mastra/core/mastra";
import { createTool } from "@mastra/core/tools";
import { createStep, createWorkflow } from "@mastra/core/workflows";
import { Observability } from "@mastra/observability";
import { startSpan } from "mlflow-ag2";
import { mastra as exporter, mastraSpan } from "mlflow-ag2/mastra";
import { z } from "zod";
import { host } from "./program.js";

const USAGE = { inputTokens: 11, outputTokens: 4, totalTokens: 15, cachedInputTokens: 3 };

/** A model that says what its script has; an error is thrown. */
function scripted(...replies) {
  const next = () => {
    const reply = replies.shift();
    if (reply instanceof Error) throw reply;
    return reply;
  };
  const reason = (content) => (content.some(({ type }) => type === "tool-call") ? "tool-calls" : "stop");
  return {
    specificationVersion: "v2",
    provider: "openai",
    modelId: "gpt-4o-mini",
    supportedUrls: {},
    async doGenerate() {
      const content = next();
      return { content, finishReason: reason(content), usage: USAGE, warnings: [] };
    },
    async doStream() {
      const content = next();
      const stream = new ReadableStream({
        start(controller) {
          controller.enqueue({ type: "stream-start", warnings: [] });
          for (const part of content) {
            if (part.type !== "text") {
              controller.enqueue(part);
              continue;
            }
            controller.enqueue({ type: "text-start", id: "1" });
            for (const delta of part.text.split(/(?= )/)) controller.enqueue({ type: "text-delta", id: "1", delta });
            controller.enqueue({ type: "text-end", id: "1" });
          }
          controller.enqueue({ type: "finish", finishReason: reason(content), usage: USAGE });
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

const weather = createTool({
  id: "weather",
  description: "The weather in a city.",
  inputSchema: z.object({ city: z.string() }),
  async execute({ city }, { tracingContext }) {
    startSpan({ name: "look up", parent: mastraSpan(tracingContext) }).end();
    if (city === "Atlantis") throw new Error("no such city");
    return `Sun in ${city}`;
  },
});

const numbers = z.object({ n: z.number() });
const double = createStep({
  id: "double",
  inputSchema: numbers,
  outputSchema: numbers,
  async execute({ inputData: { n } }) {
    if (n < 0) throw new Error("a negative number");
    return { n: n * 2 };
  },
});
const twice = createStep({
  id: "twice",
  inputSchema: numbers,
  outputSchema: numbers,
  execute: async ({ inputData: { n } }) => ({ n: n * 2 }),
});

/** An application whose agent has a model with these replies. */
function app(...replies) {
  const agent = new Agent({
    id: "forecaster",
    name: "forecaster",
    instructions: "Be short.",
    model: scripted(...replies),
    tools: { weather },
  });
  const quadruple = createWorkflow({ id: "quadruple", inputSchema: numbers, outputSchema: numbers })
    .then(double)
    .then(twice)
    .commit();
  const observability = new Observability({ configs: { default: { serviceName: "test", exporters: [exporter()] } } });
  return new Mastra({ logger: false, agents: { forecaster: agent }, workflows: { quadruple }, observability });
}

export const worker = host({
  async twoTurns() {
    const agent = app(says("Hello Ada."), says("You are Ada.")).getAgent("forecaster");
    const messages = [{ role: "user", content: "I am Ada." }];
    const { text } = await agent.generate(messages);
    messages.push({ role: "assistant", content: text }, { role: "user", content: "Who am I?" });
    return [text, (await agent.generate(messages)).text];
  },
  async tool() {
    const agent = app(calls({ city: "Oslo" }), says("It is sunny.")).getAgent("forecaster");
    return (await agent.generate("Weather in Oslo?")).text;
  },
  async stream() {
    const agent = app(says("Two fish swim")).getAgent("forecaster");
    const { textStream } = await agent.stream("A joke.");
    const chunks = [];
    for await (const chunk of textStream) chunks.push(chunk);
    return chunks;
  },
  async error() {
    const agent = app(new Error("the model is down")).getAgent("forecaster");
    await agent.generate("Hello", { modelSettings: { maxRetries: 0 } });
  },
  async twoAtOnce() {
    const ask = async (topic) =>
      (
        await app(says(`Two ${topic}`))
          .getAgent("forecaster")
          .generate(topic)
      ).text;
    return await Promise.all(["fish", "birds"].map(ask));
  },
  async toolError() {
    const agent = app(calls({ city: "Atlantis" }), says("I do not know.")).getAgent("forecaster");
    return (await agent.generate("Weather in Atlantis?")).text;
  },
  async workflow() {
    const run = await app().getWorkflow("quadruple").createRun();
    return (await run.start({ inputData: { n: 2 } })).result;
  },
  async workflowError() {
    const run = await app().getWorkflow("quadruple").createRun();
    return (await run.start({ inputData: { n: -2 } })).status;
  },
});
