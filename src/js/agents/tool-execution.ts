/** Running the tools a model asked for (AG2: `ConversableAgent.execute_function`, `a_generate_tool_calls_reply`, `a_generate_function_call_reply`). */

import { agentState } from "./agent-state.js";
import { isFields } from "./completion.js";
import type { ConversableAgent } from "./conversable-agent.js";
import { AgentError } from "./errors.js";
import type { FunctionReturn } from "./hooks.js";
import { contentText, type FunctionCall, type ToolCall, type ToolResponse } from "./message.js";
import type { ReplyFunction } from "./reply-chain.js";
import { type CallContext, OpenScope, orAborted, within } from "./scope.js";
import { tell } from "./tell.js";
import type { Tool } from "./tool.js";
import { prepareArguments } from "./tool-parameters.js";
import { mendJson, toolErrorText, toolResultText } from "./tool-text.js";

/** What a model asked for, as far as it can be read. */
interface ReadCall {
  /** The arguments, or their raw text; as the model sent them while they are still being validated. */
  args: unknown;
  /** Gives what the tool runs with, a promise where validation takes its time; throws why the tool cannot run. */
  ready: () => unknown;
}

/**
 * Runs one tool. Whatever goes wrong becomes the text that the model reads instead of a result;
 * only the end of the chat by its signal goes on as an error.
 *
 * @returns whether the tool ran through, and what the model reads
 */
export async function executeFunction(
  agent: ConversableAgent,
  call: FunctionCall,
  callId: string | undefined,
  context: CallContext,
): Promise<[isSuccess: boolean, result: FunctionReturn]> {
  const { name } = call;
  const tool = agent[agentState].tools.get(name);
  const { args, ready } = readCall(tool, call);
  const silent = context.silent ?? false;
  const scope = new OpenScope("toolCall", context.scope, { agent, name, callId, description: tool?.description, arguments: args });
  const about = { funcName: name, callId, arguments: args, recipient: agent.name };
  let isExecSuccess = false;
  let content: string;
  try {
    ({ content } = await within(
      scope,
      async () => {
        const prepared = ready();
        const given = prepared instanceof Promise ? await orAborted(() => prepared, context) : prepared;
        await tell({ type: "executeFunction", ...about }, scope, silent);
        // Every tool takes the arguments its parameters describe; the compiler cannot follow that through JSON.
        const inner = { ...context, scope };
        const result = await orAborted(() => (tool as Tool<never>).fn(given as never, inner), inner);
        return { result, content: toolResultText(result) };
      },
    ));
    isExecSuccess = true;
  } catch (error) {
    if (context.signal?.aborted) throw error;
    content = toolErrorText(error);
  }
  await tell({ type: "executedFunction", ...about, content, isExecSuccess }, context.scope, silent);
  return [isExecSuccess, { name, role: "function", content }];
}

/** Errors here are for the model to read, in AG2's words. */
function readCall(tool: Tool<never> | undefined, { name, arguments: text }: FunctionCall): ReadCall {
  let args: unknown = text;
  try {
    try {
      args = JSON.parse(mendJson(text ?? "{}"));
    } catch (cause) {
      if (tool) throw new AgentError("tool_arguments", `${(cause as Error).message}\n The argument must be in JSON format.`, { cause });
    }
    if (!tool) throw new AgentError("tool_not_found", `Function ${name} not found.`);
    if (!isFields(args)) throw new AgentError("tool_arguments", "the arguments must be a JSON object");
    const prepared = prepareArguments(name, tool.parameters, args);
    return { args: prepared instanceof Promise ? args : prepared, ready: () => prepared };
  } catch (problem) {
    const ready = (): never => {
      throw problem;
    };
    return { args, ready };
  }
}

/**
 * Answers the `tool_calls` of the last message: the tools start in order, run at the same time, and
 * their answers are in the order of the calls.
 */
export const generateToolCallsReply: ReplyFunction = async (agent, messages, _sender, _config, context) => {
  const calls = messages.at(-1)?.tool_calls ?? [];
  if (calls.length === 0) return [false];
  // A model that was made to answer in a given structure does it by "calling" this; there is nothing to run.
  const structured = calls.find((call) => call.function.name === "__structured_output");
  if (structured) return [true, structured.function.arguments];
  const responses = await Promise.all(calls.map((call) => answerToolCall(agent, call, context)));
  const content = responses.map((response) => contentText(response.content)).join("\n\n");
  return [true, { role: "tool", tool_responses: responses, content }];
};

async function answerToolCall(agent: ConversableAgent, { id, function: call }: ToolCall, context: CallContext): Promise<ToolResponse> {
  const { hooks } = agent[agentState];
  const callId = id ?? undefined;
  const checked = await hooks.passOrThrow("safeguardToolInputs", call, context);
  const [, result] = await agent.executeFunction(checked, { callId, context });
  const { content } = await hooks.passOrThrow("safeguardToolOutputs", result, context);
  // Servers that give calls no id want none back (AG2: for Mistral).
  return { ...(callId !== undefined && { tool_call_id: callId }), role: "tool", content };
}

/** Answers the `function_call` of the last message, the API's old style. */
export const generateFunctionCallReply: ReplyFunction = async (agent, messages, _sender, _config, context) => {
  const { function_call: call, id } = messages.at(-1) ?? {};
  if (!call) return [false];
  const [, result] = await agent.executeFunction(call, { callId: typeof id === "string" ? id : undefined, context });
  return [true, { ...result }];
};
