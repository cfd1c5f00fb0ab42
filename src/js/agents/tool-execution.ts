/** Running the tools a model asked for (AG2: `ConversableAgent.execute_function`, `a_generate_tool_calls_reply`, `a_generate_function_call_reply`). */

import { agentState } from "./agent-state.js";
import type { ConversableAgent } from "./conversable-agent.js";
import { AgentError } from "./errors.js";
import type { FunctionReturn } from "./hooks.js";
import { type ChatMessage, contentText, type FunctionCall, type ToolCall, type ToolResponse } from "./message.js";
import type { ReplyResult } from "./reply-chain.js";
import { type CallContext, OpenScope, orAborted, within } from "./scope.js";
import { tell } from "./tell.js";
import type { Tool } from "./tool.js";
import { prepareArguments } from "./tool-parameters.js";
import { mendJson, toolErrorText, toolResultText } from "./tool-text.js";

/** What a model asked for, as far as it can be read. */
interface ReadCall {
  tool: Tool<never> | undefined;
  /** The arguments, or their raw text; as the model sent them while they are still being validated. */
  args: unknown;
  /** The arguments to come. */
  validation?: Promise<unknown>;
  /** Why the tool cannot run. */
  problem?: AgentError;
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
  const { tool, args, validation, problem } = readCall(agent, call);
  const silent = context.silent ?? false;
  const scope = new OpenScope("toolCall", context.scope, { agent, name, callId, description: tool?.description, arguments: args });
  const about = { funcName: name, callId, arguments: args, recipient: agent.name };
  let isSuccess = false;
  let content: string;
  try {
    const ran = await within(
      scope,
      async () => {
        if (problem !== undefined) throw problem;
        const ready = validation ? await orAborted(() => validation, context) : args;
        await tell({ type: "executeFunction", ...about }, scope, silent);
        // Every tool takes the arguments its parameters describe; the compiler cannot follow that through JSON.
        const inner = { ...context, scope };
        const result = await orAborted(() => (tool as Tool<never>).fn(ready as never, inner), inner);
        return { result, content: toolResultText(result) };
      },
      (details) => details,
    );
    isSuccess = true;
    content = ran.content;
  } catch (error) {
    if (context.signal?.aborted) throw error;
    content = toolErrorText(error);
  }
  await tell({ type: "executedFunction", ...about, content, isExecSuccess: isSuccess }, context.scope, silent);
  return [isSuccess, { name, role: "function", content }];
}

/** Errors here are for the model to read, in AG2's words. */
function readCall(agent: ConversableAgent, { name, arguments: text }: FunctionCall): ReadCall {
  const tool = agent[agentState].tools.get(name);
  let parsed: unknown;
  let parseError: unknown;
  try {
    parsed = JSON.parse(mendJson(text ?? "{}"));
  } catch (error) {
    parseError = error;
  }
  const args = parseError === undefined ? parsed : text;
  if (tool === undefined) return { tool, args, problem: new AgentError("tool_not_found", `Function ${name} not found.`) };
  if (parseError !== undefined) {
    const reason = parseError instanceof Error ? parseError.message : String(parseError);
    return { tool, args, problem: new AgentError("tool_arguments", `${reason}\n The argument must be in JSON format.`, { cause: parseError }) };
  }
  if (typeof args !== "object" || args === null || Array.isArray(args)) {
    return { tool, args, problem: new AgentError("tool_arguments", "the arguments must be a JSON object") };
  }
  try {
    const prepared = prepareArguments(name, tool.parameters, args as Record<string, unknown>);
    return prepared instanceof Promise ? { tool, args, validation: prepared } : { tool, args: prepared };
  } catch (error) {
    return { tool, args, problem: error as AgentError };
  }
}

/**
 * Answers the `tool_calls` of the last message: the tools start in order, run at the same time, and
 * their answers are in the order of the calls.
 */
export async function generateToolCallsReply(agent: ConversableAgent, messages: ChatMessage[], context: CallContext): Promise<ReplyResult> {
  const calls = messages.at(-1)?.tool_calls ?? [];
  if (calls.length === 0) return [false];
  // A model that was made to answer in a given structure does it by "calling" this; there is nothing to run.
  const structured = calls.find((call) => call.function.name === "__structured_output");
  if (structured !== undefined) return [true, structured.function.arguments];
  const responses = await Promise.all(calls.map((call) => answerToolCall(agent, call, context)));
  return [
    true,
    { role: "tool", tool_responses: responses, content: responses.map((response) => contentText(response.content)).join("\n\n") },
  ];
}

async function answerToolCall(agent: ConversableAgent, call: ToolCall, context: CallContext): Promise<ToolResponse> {
  const { hooks } = agent[agentState];
  const callId = call.id ?? undefined;
  const checked = await hooks.passOrThrow("safeguardToolInputs", call.function, context);
  const [, result] = await agent.executeFunction(checked, { callId, context });
  const { content } = await hooks.passOrThrow("safeguardToolOutputs", result, context);
  // Servers that give calls no id want none back (AG2: for Mistral).
  return callId === undefined ? { role: "tool", content } : { tool_call_id: callId, role: "tool", content };
}

/** Answers the `function_call` of the last message, the API's old style. */
export async function generateFunctionCallReply(agent: ConversableAgent, messages: ChatMessage[], context: CallContext): Promise<ReplyResult> {
  const message = messages.at(-1);
  if (!message?.function_call) return [false];
  const callId = typeof message["id"] === "string" ? message["id"] : undefined;
  const [, result] = await agent.executeFunction(message.function_call, { callId, context });
  return [true, { ...result }];
}
