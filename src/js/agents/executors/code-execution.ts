/**
 * Replies with the result of code in a message (AG2:
 * `ConversableAgent._generate_code_execution_reply_using_executor`).
 */

import type { Agent, CallContext } from "../types.js";
import { agentState } from "../agent/agent-state.js";
import type { ConversableAgent } from "../agent/conversable-agent.js";
import type { ChatMessage } from "../message/message.js";
import type { ReplyResult } from "../agent/reply-chain.js";
import { OpenScope, raceAbort, runOperation } from "../observe/scope.js";
import { emitEvent } from "../observe/emit-event.js";

/**
 * The reply function of agents with a `codeExecutionConfig`: runs the code of the newest message that contains code.
 *
 * @example
 * // Makes one reply without running code.
 * const reply = await user.generateReply({ sender: assistant, exclude: [generateCodeExecutionReply] });
 */
export async function generateCodeExecutionReply(
  agent: ConversableAgent,
  messages: ChatMessage[],
  sender: Agent | undefined,
  _config: unknown,
  context: CallContext,
): Promise<ReplyResult> {
  const { codeExecution } = agent[agentState];
  if (codeExecution === false) return [false];
  const { executor, lastNMessages = "auto" } = codeExecution;
  for (const { content } of newest(messages, lastNMessages)) {
    const blocks = executor.codeExtractor.extractCodeBlocks(content);
    if (blocks.length === 0) continue;
    const scope = new OpenScope("codeExecution", context.scope, { agent, blocks });
    const { exitCode, output } = await runOperation(
      scope,
      async () => {
        const codeBlocks = blocks.map(({ language }) => language);
        await emitEvent(
          { type: "generateCodeExecutionReply", codeBlocks, sender: sender?.name, recipient: agent.name },
          scope,
          context.silent,
        );
        return raceAbort(() => executor.executeCodeBlocks(blocks, { ...context, scope }), { ...context, scope });
      },
      (result) => ({ exitCode: result.exitCode, output: result.output }),
    );
    return [
      true,
      `exitcode: ${exitCode} (${exitCode === 0 ? "execution succeeded" : "execution failed"})\nCode output: ${output}`,
    ];
  }
  return [false];
}

/** The messages to search, newest first. (With 0 messages AG2 searches all of them, because of Python's slices.) */
function newest(messages: readonly ChatMessage[], count: number | "auto"): ChatMessage[] {
  const reversed = messages.toReversed();
  if (count !== "auto") return reversed.slice(0, count);
  const lastOwn = reversed.findIndex(({ role }) => role !== "user");
  return lastOwn < 0 ? reversed : reversed.slice(0, lastOwn);
}
