/** Programs of LangChain and LangGraph with a scripted model, for `mlflow-ag2/langchain`. */

import { BaseChatModel } from "@langchain/core/language_models/chat_models";
import { AIMessage, AIMessageChunk, HumanMessage } from "@langchain/core/messages";
import { StringOutputParser } from "@langchain/core/output_parsers";
import { ChatGenerationChunk } from "@langchain/core/outputs";
import { ChatPromptTemplate } from "@langchain/core/prompts";
import { BaseRetriever } from "@langchain/core/retrievers";
import { RunnableLambda } from "@langchain/core/runnables";
import { tool } from "@langchain/core/tools";
import {
  Annotation,
  Command,
  END,
  interrupt,
  MemorySaver,
  MessagesAnnotation,
  START,
  StateGraph,
} from "@langchain/langgraph";
import { ToolNode } from "@langchain/langgraph/prebuilt";
import { startSpan, withSpan } from "mlflow-ag2";
import { langchain, langchainSpan } from "mlflow-ag2/langchain";
import { host } from "./program.js";

const USAGE = { input_tokens: 11, output_tokens: 4, total_tokens: 15, input_token_details: { cache_read: 3 } };

/** A chat model that says what its script has; a text "!" is thrown as an error. */
class ScriptedModel extends BaseChatModel {
  constructor(...replies) {
    super({});
    this.replies = replies;
  }
  _llmType() {
    return "scripted";
  }
  getLsParams() {
    return { ls_provider: "openai", ls_model_name: "gpt-4o-mini", ls_model_type: "chat" };
  }
  invocationParams() {
    return { model: "gpt-4o-mini", tools: this.tools };
  }
  bindTools(tools) {
    this.tools = tools.map(({ name, description }) => ({ type: "function", function: { name, description } }));
    return this;
  }
  async _generate() {
    const reply = this.replies.shift();
    if (reply.content === "!") throw new Error("the model is down");
    const message = new AIMessage({ ...reply, usage_metadata: USAGE });
    return { generations: [{ text: reply.content, message }] };
  }
  async *_streamResponseChunks(_messages, _options, manager) {
    const words = this.replies.shift().content.split(/(?= )/);
    for (const [index, word] of words.entries()) {
      if (word.includes("!")) throw new Error("the stream broke");
      const usage = index === words.length - 1 ? { usage_metadata: USAGE } : {};
      yield new ChatGenerationChunk({ text: word, message: new AIMessageChunk({ content: word, ...usage }) });
      await manager?.handleLLMNewToken(word);
    }
  }
}

const says = (content) => ({ content });
const calls = (name, args) => ({ content: "", tool_calls: [{ name, args, id: "call_1", type: "tool_call" }] });
const listening = { callbacks: [langchain()] };

const weather = tool(
  async ({ city }, config) => {
    startSpan({ name: "look up", parent: langchainSpan(config) }).end();
    if (city === "Atlantis") throw new Error("no such city");
    return `Sun in ${city}`;
  },
  {
    name: "weather",
    description: "The weather in a city.",
    schema: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
  },
);

/** An agent that calls tools until the model has an answer. */
function agent(model, tools) {
  const bound = model.bindTools(tools);
  return new StateGraph(MessagesAnnotation)
    .addNode("agent", async ({ messages }, config) => ({ messages: [await bound.invoke(messages, config)] }))
    .addNode("tools", new ToolNode(tools, { handleToolErrors: false }))
    .addEdge(START, "agent")
    .addConditionalEdges("agent", ({ messages }) => (messages.at(-1).tool_calls?.length ? "tools" : END))
    .addEdge("tools", "agent")
    .compile({ checkpointer: new MemorySaver() });
}

const joke = (model) =>
  ChatPromptTemplate.fromMessages([
    ["system", "You are funny."],
    ["human", "A joke about {topic}, please."],
  ])
    .pipe(model)
    .pipe(new StringOutputParser());

class Books extends BaseRetriever {
  lc_namespace = ["test"];
  async _getRelevantDocuments(query) {
    return [{ pageContent: `About ${query}`, metadata: { page: 7 } }];
  }
}

export const worker = host({
  async twoTurns() {
    const graph = agent(new ScriptedModel(says("Hello Ada."), says("You are Ada.")), [weather]);
    const config = { ...listening, configurable: { thread_id: "two turns" } };
    return await withSpan(
      async (span) => {
        const within = { ...config, callbacks: [langchain({ parent: span })] };
        await graph.invoke({ messages: [new HumanMessage("I am Ada.")] }, within);
        const { messages } = await graph.invoke({ messages: [new HumanMessage("Who am I?")] }, within);
        return messages.map(({ content }) => content);
      },
      { name: "conversation" },
    );
  },
  async tool() {
    const graph = agent(new ScriptedModel(calls("weather", { city: "Oslo" }), says("It is sunny.")), [weather]);
    const config = { ...listening, configurable: { thread_id: "tool" } };
    const { messages } = await graph.invoke({ messages: [new HumanMessage("Weather in Oslo?")] }, config);
    return messages.at(-1).content;
  },
  async stream() {
    const chunks = [];
    const stream = await joke(new ScriptedModel(says("Two fish swim"))).stream({ topic: "fish" }, listening);
    for await (const chunk of stream) chunks.push(chunk);
    return chunks;
  },
  async error() {
    return await joke(new ScriptedModel(says("!"))).invoke({ topic: "errors" }, listening);
  },
  async twoAtOnce() {
    const answers = await withSpan(
      async (span) =>
        await Promise.all(
          ["fish", "birds"].map(
            async (topic) =>
              await joke(new ScriptedModel(says(`Two ${topic}`))).invoke(
                { topic },
                { callbacks: [langchain({ parent: span })] },
              ),
          ),
        ),
      { name: "both" },
    );
    return answers;
  },
  async toolError() {
    const graph = agent(new ScriptedModel(calls("weather", { city: "Atlantis" })), [weather]);
    const config = { ...listening, configurable: { thread_id: "tool error" } };
    return await graph.invoke({ messages: [new HumanMessage("Weather in Atlantis?")] }, config);
  },
  async streamError() {
    const stream = await joke(new ScriptedModel(says("Two fish !"))).stream({ topic: "fish" }, listening);
    for await (const _ of stream);
  },
  async abort() {
    const controller = new AbortController();
    let leave;
    const isLeft = new Promise((resolve) => (leave = resolve));
    const waiting = RunnableLambda.from(async () => {
      controller.abort();
      await isLeft;
    }).withConfig({ runName: "waiting" });
    // The error's text depends on the host and the version.
    return await waiting
      .invoke("x", { ...listening, signal: controller.signal })
      .catch(() => "stopped")
      .finally(leave);
  },
  async retriever() {
    return await new Books().invoke("whales", listening);
  },
  async interrupt() {
    const graph = new StateGraph(Annotation.Root({ answer: Annotation() }))
      .addNode("ask", () => ({ answer: interrupt({ question: "Really?" }) }))
      .addEdge(START, "ask")
      .compile({ checkpointer: new MemorySaver() });
    const config = { ...listening, configurable: { thread_id: "interrupt" } };
    return await withSpan(
      async (span) => {
        const within = { ...config, callbacks: [langchain({ parent: span })] };
        await graph.invoke({}, within);
        return await graph.invoke(new Command({ resume: "yes" }), within);
      },
      { name: "interrupted" },
    );
  },
});
