/**
 * Every public function and class that takes options refuses one that it does not know. An export that is in neither
 * table fails, so that a new one is not forgotten.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import * as mlflow from "mlflow-ag2";
import * as agUi from "mlflow-ag2/ag-ui";
import * as agents from "mlflow-ag2/agents";
import * as anthropic from "mlflow-ag2/agents/anthropic";
import * as azure from "mlflow-ag2/agents/azure";
import * as clearHistory from "mlflow-ag2/agents/clear-history";
import * as console from "mlflow-ag2/agents/console";
import * as executors from "mlflow-ag2/agents/executors";
import * as gemini from "mlflow-ag2/agents/gemini";
import * as group from "mlflow-ag2/agents/group";
import * as groupRun from "mlflow-ag2/agents/group-run";
import * as guardrails from "mlflow-ag2/agents/guardrails";
import * as mcp from "mlflow-ag2/agents/mcp";
import * as mistral from "mlflow-ag2/agents/mistral";
import * as nestedChats from "mlflow-ag2/agents/nested-chats";
import * as ollama from "mlflow-ag2/agents/ollama";
import * as responses from "mlflow-ag2/agents/openai-responses";
import * as resume from "mlflow-ag2/agents/resume";
import * as run from "mlflow-ag2/agents/run";
import * as testing from "mlflow-ag2/agents/testing";
import * as ai from "mlflow-ag2/ai";
import * as carryScope from "mlflow-ag2/carry-scope";
import * as langchain from "mlflow-ag2/langchain";
import * as mastra from "mlflow-ag2/mastra";
import * as openaiAgents from "mlflow-ag2/openai-agents";
import * as otel from "mlflow-ag2/otel";
import * as unplugin from "mlflow-ag2/unplugin";
import * as view from "mlflow-ag2/view";
import * as viewConsole from "mlflow-ag2/view/console";

const ENTRIES: readonly Readonly<Record<string, unknown>>[] = [
  mlflow,
  agUi,
  agents,
  anthropic,
  azure,
  clearHistory,
  console,
  executors,
  gemini,
  group,
  groupRun,
  guardrails,
  mcp,
  mistral,
  nestedChats,
  ollama,
  responses,
  resume,
  run,
  testing,
  ai,
  carryScope,
  langchain,
  mastra,
  openaiAgents,
  otel,
  unplugin,
  view,
  viewConsole,
];

/** Options with a name that no function knows. */
const WRONG = { nonsuch: 1 } as never;
/** For those that ignore names which are not nearly theirs, since an `llmConfig` or feedback has others beside them. */
const NEARLY = { baseURL: "/", time_out_ms: 1, clear_history: 1 } as never;
const TRACE_ID = `tr-${"ab".repeat(16)}`;

const agent = (): agents.ConversableAgent => new agents.ConversableAgent({ name: "a" });
const pattern = (): group.Pattern => {
  const one = agent();
  return new group.DefaultPattern({ initialAgent: one, agents: [one] });
};
const create = (Made: new (...args: never[]) => object, options: object): object =>
  Reflect.construct<unknown[], object>(Made as never, [options]);

/** A call with wrong options of each export that takes any. */
const CALLS: Readonly<Record<string, () => unknown>> = {
  ag2: () => mlflow.ag2.autolog(WRONG),
  autolog: () => mlflow.autolog(WRONG),
  deleteFeedback: () => mlflow.deleteFeedback(NEARLY),
  deleteTraceTag: () => mlflow.deleteTraceTag(TRACE_ID, "key", WRONG),
  flush: () => mlflow.flush(WRONG),
  flushTraces: () => mlflow.flushTraces(WRONG),
  init: () => mlflow.init(WRONG),
  linkPromptVersionsToTrace: () => mlflow.linkPromptVersionsToTrace([], TRACE_ID, WRONG),
  logExpectation: () => mlflow.logExpectation(WRONG),
  logFeedback: () => mlflow.logFeedback(WRONG),
  searchTraces: () => mlflow.searchTraces(WRONG),
  setExperiment: () => mlflow.setExperiment(WRONG),
  setTraceTag: () => mlflow.setTraceTag(TRACE_ID, "key", "value", WRONG),
  shutdown: () => mlflow.shutdown(WRONG),
  startSpan: () => mlflow.startSpan(WRONG),
  trace: () => mlflow.trace(() => 1, WRONG),
  tracingContext: () => mlflow.tracingContext(WRONG, () => 1),
  updateCurrentTrace: () => mlflow.updateCurrentTrace(WRONG),
  updateFeedback: () => mlflow.updateFeedback(WRONG),
  withSpan: () => mlflow.withSpan(() => 1, WRONG),
  withTraceContext: () => mlflow.withTraceContext(WRONG, () => 1),
  wrapAgent: () => mlflow.wrapAgent({ generateReply: () => "Hi" }, WRONG),
  wrapModelClient: () => mlflow.wrapModelClient({ create: () => ({}) }, WRONG),
  wrapTool: () => mlflow.wrapTool(() => 1, WRONG),
  agUi: () => agUi.agUi(WRONG),
  ai: () => ai.ai(WRONG),
  langchain: () => langchain.langchain(WRONG),
  mastra: () => (mastra.mastra as (options: object) => unknown)(WRONG),
  openaiAgents: () => (openaiAgents.openaiAgents as (...args: readonly unknown[]) => unknown)({}, WRONG),
  otel: () => otel.otel(WRONG),
  scopeAcrossAwait: () => unplugin.scopeAcrossAwait.vite(WRONG),
  printTrace: () => viewConsole.printTrace({} as never, WRONG),
  traceText: () => viewConsole.traceText({} as never, WRONG),
  AssistantAgent: () => new agents.AssistantAgent(WRONG),
  ConversableAgent: () => new agents.ConversableAgent(WRONG),
  UserProxyAgent: () => new agents.UserProxyAgent(WRONG),
  GroupChat: () => new agents.GroupChat(WRONG),
  GroupChatManager: () => new agents.GroupChatManager(WRONG),
  OpenAIClient: () => new agents.OpenAIClient({ apiKey: "x", ...(NEARLY as object) }),
  OpenAIWrapper: () => new agents.OpenAIWrapper(NEARLY),
  Tool: () => new agents.Tool(() => 1, WRONG),
  initiateChats: () => agents.initiateChats([], WRONG),
  registerFunction: () => agents.registerFunction(() => 1, WRONG),
  AnthropicClient: () => create(anthropic.AnthropicClient, WRONG),
  AzureOpenAIClient: () =>
    new azure.AzureOpenAIClient({ apiKey: "x", apiVersion: "1", baseUrl: "/", ...(NEARLY as object) }),
  GeminiClient: () => create(gemini.GeminiClient, WRONG),
  MistralAIClient: () => create(mistral.MistralAIClient, WRONG),
  OllamaClient: () => create(ollama.OllamaClient, WRONG),
  OpenAIResponsesClient: () => create(responses.OpenAIResponsesClient, WRONG),
  CommandLineCodeExecutor: () => new executors.CommandLineCodeExecutor(WRONG),
  AutoPattern: () => new group.AutoPattern(WRONG),
  DefaultPattern: () => new group.DefaultPattern(WRONG),
  ManualPattern: () => new group.ManualPattern(WRONG),
  RandomPattern: () => new group.RandomPattern(WRONG),
  RoundRobinPattern: () => new group.RoundRobinPattern(WRONG),
  GroupChatTarget: () => new group.GroupChatTarget(WRONG),
  NestedChatTarget: () => new group.NestedChatTarget(WRONG),
  OnCondition: () => new group.OnCondition(WRONG),
  OnContextCondition: () => new group.OnContextCondition(WRONG),
  ReplyResult: () => new group.ReplyResult(WRONG),
  initiateGroupChat: () => group.initiateGroupChat(pattern(), WRONG),
  runGroupChat: () => groupRun.runGroupChat(pattern(), WRONG),
  runGroupChatIter: () => groupRun.runGroupChatIter(pattern(), WRONG),
  LLMGuardrail: () => new guardrails.LLMGuardrail(WRONG),
  RegexGuardrail: () => new guardrails.RegexGuardrail(WRONG),
  toolsOfMcp: () => mcp.toolsOfMcp({} as never, WRONG),
  registerNestedChats: () => nestedChats.registerNestedChats(agent(), [], () => true, WRONG),
  resumeGroupChat: () => resume.resumeGroupChat({} as never, WRONG),
  run: () => run.run(agent(), NEARLY),
  runIter: () => run.runIter(agent(), NEARLY),
  ScriptedModel: () => new testing.ScriptedModel(WRONG),
};

/** Exports without options: functions with other arguments, classes that a program does not make, and constants. */
const WITHOUT_OPTIONS = new Set(
  `
  announceLibrary closeTrace countHookFailure describeHooks disable enable getCurrentActiveSpan getLastActiveTraceId
  getTrace getTracingContextHeadersForHttpRequest getTrackingUri isEnabled onSpanEnd onSpanStart onTrace
  provideActiveSpan registerOnSpanEndHook registerOnSpanStartHook setTrackingUri stats status unwrapAgent withActiveSpan
  withTracingContextFromHeaders withTracingContextFromHeadersAsync MlflowAg2Error Span Trace TraceInfo
  langchainSpan mastraSpan carry carryEach MlflowSessionElement MlflowTraceElement
  APIConnectionError APIError APITimeoutError AgentError Toolkit UpdateSystemMessage contentText gatherUsageSummary
  humanInput observe clearAgentsHistory clearHistoryCommand printUsageSummary setPrinter CodeExecutor
  MarkdownCodeExtractor generateCodeExecutionReply messagesFromString messagesToString
  AgentNameTarget AgentTarget AskUserTarget ContextExpression ContextStr ContextStrLLMCondition
  ContextVariables ExpressionAvailableCondition ExpressionContextCondition FunctionTarget
  GroupManagerSelectionMessageContextStr GroupManagerSelectionMessageString GroupManagerTarget Handoffs Pattern
  RandomAgentTarget RevertToUserTarget StayTarget StringAvailableCondition StringContextCondition StringLLMCondition
  TerminateTarget TransitionTarget handoffsOf Guardrail registerInputGuardrails registerOutputGuardrails McpToolError
  McpToolkit
  sequentialRun
  `
    .trim()
    .split(/\s+/),
);

for (const [name, call] of Object.entries(CALLS)) {
  test(`${name} refuses an option that it does not know`, async () => {
    await assert.rejects(
      async () => call(),
      (error: Error & { code?: string }) => {
        assert.ok(["MlflowAg2Error", "AgentError"].includes(error.name), String(error));
        assert.match(String(error.code), /^invalid_(argument|option|config)$/);
        assert.match(error.message, /is no option of|did you mean|is called|takes no options|takes the library alone/);
        return true;
      },
    );
  });
}

test("each export is in one of the two tables", () => {
  const names = ENTRIES.flatMap((entry) => Object.keys(entry)).filter(
    (name) => typeof ENTRIES.find((entry) => name in entry)?.[name] === "function",
  );
  assert.deepEqual(
    names.filter((name) => name in CALLS === WITHOUT_OPTIONS.has(name)),
    [],
  );
  assert.ok(names.length > 100);
});
