/**
 * Execution of tool calls (AG2: `ConversableAgent.execute_function`, `a_generate_tool_calls_reply`,
 * `a_generate_function_call_reply`).
 */

import { agentState } from "../agent/agent-state.js";
import type { ConversableAgent } from "../agent/conversable-agent.js";
import { AgentError } from "../util/errors.js";
import type { FunctionReturn } from "../agent/hooks.js";
import { contentText, type FunctionCall, type ToolCall, type ToolResponse } from "../message/message.js";
import type { ReplyFunction } from "../agent/reply-chain.js";
import { OpenScope, raceAbort, runOperation } from "../observe/scope.js";
import type { CallContext } from "../types.js";
import { emitEvent } from "../observe/emit-event.js";
import { type Fields, isFields } from "../util/fields.js";
import { dependenciesOf } from "./dependencies.js";
import { argumentsOf, type Tool, type ToolContext } from "./tool.js";
import { convertBy } from "../schema/schema.js";
import { quoteLongIntegers, repairJson, toolErrorText, toolResultText } from "./tool-text.js";

/** A parsed tool call. */
interface ParsedCall {
  /** The arguments for reports: validated, or as the model sent them if validation is asynchronous or fails. */
  args: unknown;
  /**
   * Returns the validated arguments, as a promise if validation is asynchronous; throws the reason why the tool
   * cannot run.
   */
  validate: () => unknown;
}

/**
 * Runs one tool. An error becomes the text that the model gets instead of a result; only an abort by
 * the chat's signal is thrown.
 *
 * @returns whether the tool succeeded, and the result for the model
 */
export async function executeFunction(
  agent: ConversableAgent,
  call: FunctionCall,
  callId: string | undefined,
  context: CallContext,
  {
    tool = agent[agentState].tools.get(call.name),
    textOf = toolResultText,
  }: { tool?: Tool | undefined; textOf?: (result: unknown) => string } = {},
): Promise<[isSuccess: boolean, result: FunctionReturn]> {
  const { name } = call;
  const { args, validate } = parseCall(tool, call);
  const scope = new OpenScope("toolCall", context.scope, {
    agent,
    name,
    callId,
    description: tool?.description,
    arguments: args,
  });
  const about = { funcName: name, callId, arguments: args, recipient: agent.name };
  let isExecSuccess = false;
  let content: string;
  try {
    ({ content } = await runOperation(scope, async () => {
      const prepared = validate();
      const given: unknown = prepared instanceof Promise ? await raceAbort(() => prepared, context) : prepared;
      await emitEvent({ type: "executeFunction", ...about }, scope, context.silent);
      // The parameters describe the arguments of the tool, which the compiler cannot know.
      const { contextVariables = agent.contextVariables } = context as Partial<ToolContext>;
      const inner = { ...context, scope, contextVariables, dependencies: dependenciesOf(scope) };
      const { fn } = tool as Tool;
      const result: unknown = await raceAbort(() => fn(...argumentsOf(tool as Tool, given as Fields, inner)), inner);
      return { result, content: textOf(result) };
    }));
    isExecSuccess = true;
  } catch (error) {
    if (context.signal?.aborted) throw error;
    content = toolErrorText(error);
  }
  await emitEvent({ type: "executedFunction", ...about, content, isExecSuccess }, context.scope, context.silent);
  return [isExecSuccess, { name, role: "function", content }];
}

/** Parses a tool call. The model gets the texts of its errors, which are AG2's. */
function parseCall(tool: Tool | undefined, { name, arguments: text }: FunctionCall): ParsedCall {
  let args: unknown = text;
  try {
    try {
      // Some models call a tool without arguments with an empty text, or null.
      args = typeof text === "string" ? text.trim() && JSON.parse(quoteLongIntegers(repairJson(text))) : text;
      args = args || {};
    } catch (cause) {
      if (tool)
        throw new AgentError("tool_arguments", `${(cause as Error).message}\n The argument must be in JSON format.`, {
          cause,
        });
    }
    if (!tool) throw new AgentError("tool_not_found", `Function ${name} not found.`);
    if (!isFields(args)) throw new AgentError("tool_arguments", "the arguments must be a JSON object");
    const prepared = convertBy(name, tool.parameters, args);
    return { args: prepared instanceof Promise ? args : prepared, validate: () => prepared };
  } catch (problem) {
    const validate = (): never => {
      throw problem;
    };
    return { args, validate };
  }
}

/**
 * Responds to the `tool_calls` of the last message: the tools run one after the other, as in Python's `initiate_chat`,
 * or, with the agent's option `parallelToolCalls`, concurrently. Their responses are in the order of the calls.
 */
export const generateToolCallsReply: ReplyFunction = async (agent, messages, _sender, _config, context) => {
  const calls = messages.at(-1)?.tool_calls ?? [];
  if (calls.length === 0) return [false];
  // With structured output some models respond by a call of this name, which is not a tool.
  const structured = calls.find((call) => call.function.name === "__structured_output");
  if (structured) return [true, structured.function.arguments];
  const { parallelToolCalls } = agent[agentState];
  const respond = (call: ToolCall): Promise<ToolResponse> => answerToolCall(agent, call, context);
  const responses = parallelToolCalls ? await Promise.all(calls.map(respond)) : [];
  if (!parallelToolCalls) for (const call of calls) responses.push(await respond(call));
  const content = responses.map((response) => contentText(response.content)).join("\n\n");
  return [true, { role: "tool", tool_responses: responses, content }];
};

async function answerToolCall(
  agent: ConversableAgent,
  { id, function: call }: ToolCall,
  context: CallContext,
): Promise<ToolResponse> {
  const { hooks } = agent[agentState];
  const callId = id ?? undefined;
  const checked = await hooks.applyOrThrow("safeguardToolInputs", call, context);
  const [, result] = await agent.executeFunction(checked, { callId, context });
  const { content } = await hooks.applyOrThrow("safeguardToolOutputs", result, context);
  // Servers that send calls without ids accept no ids in responses (AG2: for Mistral).
  return { ...(callId !== undefined && { tool_call_id: callId }), role: "tool", content };
}

/** Responds to the `function_call` of the last message, in the API's old style. */
export const generateFunctionCallReply: ReplyFunction = async (agent, messages, _sender, _config, context) => {
  const { function_call: call, id } = messages.at(-1) ?? {};
  if (!call) return [false];
  const [, result] = await agent.executeFunction(call, { callId: typeof id === "string" ? id : undefined, context });
  return [true, { ...result }];
};
