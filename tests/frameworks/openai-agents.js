/** Programs of the OpenAI Agents SDK with a scripted model, for `mlflow-ag2/openai-agents`. */

import * as agents from "@openai/agents";
import { startSpan, stats, withSpan } from "mlflow-ag2";
import { openaiAgents } from "mlflow-ag2/openai-agents";
import { host } from "./program.js";

const { Agent, OpenAIChatCompletionsModel, OpenAIResponsesModel, run, setTraceProcessors, tool, withTrace } = agents;

// The library switches its tracing off in pages, and sends it to OpenAI unless it has other processors.
agents.setTracingDisabled(false);
setTraceProcessors([openaiAgents(agents)]);

const USAGE = {
  prompt_tokens: 11,
  completion_tokens: 4,
  total_tokens: 15,
  prompt_tokens_details: { cached_tokens: 3 },
};

/** A client of OpenAI's API that says what it is scripted to say; the text "!" is thrown as an error. */
function chatModel(...replies) {
  const next = () => {
    const message = { role: "assistant", content: null, ...replies.shift() };
    if (message.content === "!") throw new Error("the model is down");
    return message;
  };
  const create = async ({ stream }) => {
    const message = next();
    const base = { id: "chatcmpl-1", created: 1_700_000_000, model: "gpt-4o-mini" };
    const finish_reason = message.tool_calls ? "tool_calls" : "stop";
    if (!stream)
      return { ...base, object: "chat.completion", usage: USAGE, choices: [{ index: 0, message, finish_reason }] };
    return (async function* chunks() {
      const chunk = (delta, reason = null) => ({
        ...base,
        object: "chat.completion.chunk",
        choices: [{ index: 0, delta, finish_reason: reason }],
      });
      for (const word of message.content.split(/(?= )/)) yield chunk({ role: "assistant", content: word });
      yield chunk({}, finish_reason);
      yield { ...base, object: "chat.completion.chunk", choices: [], usage: USAGE };
    })();
  };
  return new OpenAIChatCompletionsModel(
    { baseURL: "http://scripted", chat: { completions: { create } } },
    "gpt-4o-mini",
  );
}

/** As `chatModel`, for OpenAI's API of responses. */
function responsesModel(...texts) {
  const create = () => {
    const data = {
      id: "resp_1",
      object: "response",
      created_at: 1_700_000_000,
      model: "gpt-4o-mini",
      temperature: 0.5,
      tools: [{ type: "function", name: "weather", description: "The weather.", parameters: {}, strict: false }],
      output: [
        {
          id: "msg_1",
          type: "message",
          role: "assistant",
          status: "completed",
          content: [{ type: "output_text", text: texts.shift(), annotations: [] }],
        },
      ],
      usage: {
        input_tokens: 11,
        output_tokens: 4,
        total_tokens: 15,
        input_tokens_details: { cached_tokens: 3 },
        output_tokens_details: { reasoning_tokens: 0 },
      },
    };
    return Object.assign(Promise.resolve(data), {
      withResponse: async () => ({ data, response: new Response(), request_id: "r" }),
    });
  };
  return new OpenAIResponsesModel({ baseURL: "http://scripted", responses: { create } }, "gpt-4o-mini");
}

const says = (content) => ({ content });
const calls = (name, args) => ({
  tool_calls: [{ id: "call_1", type: "function", function: { name, arguments: JSON.stringify(args) } }],
});

const weather = tool({
  name: "weather",
  description: "The weather in a city.",
  parameters: {
    type: "object",
    properties: { city: { type: "string" } },
    required: ["city"],
    additionalProperties: false,
  },
  strict: true,
  errorFunction: null,
  async execute({ city }) {
    // Without a parent: below the tool's span where the host has an asynchronous context, and in a page a trace of its
    // own.
    if (typeof document === "undefined") startSpan({ name: "look up" }).end();
    if (city === "Atlantis") throw new Error("no such city");
    return `Sun in ${city}`;
  },
});

const agent = (model, more = {}) => new Agent({ name: "assistant", instructions: "Be brief.", model, ...more });
const answer = async (...args) => (await run(...args)).finalOutput;
/** Gives the adapter the task in which it sees that the library has left a trace without an end. */
const left = (result) =>
  result.finally(async () => {
    while (stats().open > 0) await new Promise((resolve) => setTimeout(resolve, 10));
  });

export const worker = host({
  async twoTurns() {
    const bot = agent(chatModel(says("Hello Ada."), says("You are Ada.")));
    return await withTrace(
      "conversation",
      async () => {
        const first = await run(bot, "I am Ada.");
        const second = await run(bot, [...first.history, { role: "user", content: "Who am I?" }]);
        return [first.finalOutput, second.finalOutput];
      },
      { groupId: "group 7" },
    );
  },
  tool: () =>
    answer(
      agent(chatModel(calls("weather", { city: "Oslo" }), says("It is sunny.")), { tools: [weather] }),
      "Weather in Oslo?",
    ),
  async stream() {
    const result = await run(agent(chatModel(says("Two fish swim"))), "A joke about fish, please.", { stream: true });
    const chunks = [];
    for await (const chunk of result.toTextStream()) chunks.push(chunk);
    await result.completed;
    return chunks;
  },
  error: () => left(answer(agent(chatModel(says("!"))), "Anything.")),
  async twoAtOnce() {
    const ask = (text) => answer(agent(chatModel(says(text))), text);
    const both = () => Promise.all([ask("Two fish"), ask("Two birds")]);
    // The library starts a trace after an `await`, where a page does not know the active span any more.
    return typeof document === "undefined" ? await withSpan(both, { name: "both" }) : await both();
  },
  toolError: () =>
    left(
      answer(agent(chatModel(calls("weather", { city: "Atlantis" })), { tools: [weather] }), "Weather in Atlantis?"),
    ),
  response: () => answer(agent(responsesModel("It is sunny.")), "Weather?"),
  async handoff() {
    const expert = agent(chatModel(says("42.")), { name: "expert" });
    return await answer(
      agent(chatModel(calls("transfer_to_expert", {})), { name: "triage", handoffs: [expert] }),
      "What?",
    );
  },
  async guardrail() {
    const execute = async () => ({ outputInfo: { reason: "rude" }, tripwireTriggered: true });
    return await left(
      answer(agent(chatModel(says("Hm.")), { inputGuardrails: [{ name: "polite", execute }] }), "You fool."),
    );
  },
  async failedAttempt() {
    // The workflow goes on after a run that threw: it is not closed by it.
    return await withTrace("retry", async () => {
      try {
        await run(agent(chatModel(says("!"))), "Anything.");
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      return await answer(agent(chatModel(says("Better."))), "Again.");
    });
  },
});
