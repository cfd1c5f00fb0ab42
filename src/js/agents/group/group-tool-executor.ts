/** The agent that runs the tools of a group (AG2: agentchat/group/group_tool_executor.py). */

import { ConversableAgent } from "../agent/conversable-agent.js";
import type { ReplyFunction } from "../agent/reply-chain.js";
import { contentText, type ToolResponse } from "../message/message.js";
import { emitEvent } from "../observe/emit-event.js";
import { executeFunction } from "../tools/tool-execution.js";
import { deepCopy, variablesOf } from "./context-variables.js";
import type { Group } from "./group.js";
import { offeredCondition } from "./group-agent.js";
import { groupToolText, ReplyResult } from "./reply-result.js";
import { TransitionTarget } from "./targets.js";

/** The name of the agent, which is the speaker of tool results. */
export const EXECUTOR_NAME = "_Group_Tool_Executor";

/** The agent that runs the tools of the group that `group` returns. */
export function groupToolExecutor(group: () => Group): ConversableAgent {
  const executor = new ConversableAgent({
    name: EXECUTOR_NAME,
    systemMessage: "Tool Execution, do not use this agent directly.",
    humanInputMode: "NEVER",
  });
  executor.registerReply(() => true, toolReply(group), { removeOtherReplyFuncs: true });
  return executor;
}

/** The agent whose model made the calls of the group's last message. */
export function callerOf({ groupChat }: Group): ConversableAgent | undefined {
  const { name, tool_calls: calls } = groupChat.messages.at(-1) ?? {};
  return calls?.length ? groupChat.agentByName(String(name)) : undefined;
}

/** Runs the calls of the last message one after the other, so that each gets the variables that the one before set. */
function toolReply(groupFor: () => Group): ReplyFunction {
  return async (executor, messages, _sender, _config, context) => {
    const calls = messages.at(-1)?.tool_calls ?? [];
    if (calls.length === 0) return [false];
    const structured = calls.find((call) => call.function.name === "__structured_output");
    if (structured) return [true, structured.function.arguments];
    const group = groupFor();
    const { variables } = group;
    const caller = callerOf(group) ?? executor;
    const responses: ToolResponse[] = [];
    group.next = undefined;
    for (const { id, function: call } of calls) {
      const callId = id ?? undefined;
      let result: unknown;
      const textOf = (returned: unknown): string => groupToolText((result = returned));
      const inner = { ...context, agent: caller, contextVariables: deepCopy(variables.data) };
      const tool = group.toolFor(caller, call.name);
      const [, { content }] = await executeFunction(caller, call, callId, inner, { tool, textOf });
      responses.push({ ...(callId !== undefined && { tool_call_id: callId }), role: "tool", content });
      const changed = result instanceof ReplyResult ? result.contextVariables : undefined;
      if (changed) variables.update(variablesOf(changed));
      const target = result instanceof ReplyResult ? result.target : result;
      if (!(target instanceof TransitionTarget)) continue;
      const handoff = offeredCondition(caller, call.name);
      const condition = handoff?.condition.getPrompt(variables) ?? call.name;
      group.next = { from: caller, by: handoff ? "llm" : "tool", condition, target };
      await emitEvent(
        {
          type: handoff ? "onConditionLlmTransition" : "replyResultTransition",
          sourceAgent: caller.name,
          transitionTarget: target.displayName(),
        },
        context.scope,
        context.silent,
      );
    }
    const content = responses.map((response) => contentText(response.content)).join("\n");
    return [true, { role: "tool", tool_responses: responses, content }];
  };
}
