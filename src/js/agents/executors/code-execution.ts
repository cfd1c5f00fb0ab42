/** Replies that say what came of running the code in a message (AG2: `ConversableAgent._generate_code_execution_reply_using_executor`). */

import type { Agent } from "../agent.js";
import { agentState } from "../agent-state.js";
import type { ConversableAgent } from "../conversable-agent.js";
import type { ChatMessage } from "../message.js";
import type { ReplyResult } from "../reply-chain.js";
import { type CallContext, OpenScope, orAborted, within } from "../scope.js";
import { tell } from "../tell.js";

/**
 * The reply function of agents with a `codeExecutionConfig`: runs the code of the newest message that holds some.
 *
 * @example
 * // Makes a reply without running code, just this once.
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
    const { exitCode, output } = await within(
      scope,
      async () => {
        const codeBlocks = blocks.map(({ language }) => language);
        await tell({ type: "generateCodeExecutionReply", codeBlocks, sender: sender?.name, recipient: agent.name }, scope, context.silent ?? false);
        return orAborted(() => executor.executeCodeBlocks(blocks, { ...context, scope }), { ...context, scope });
      },
      (result) => ({ exitCode: result.exitCode, output: result.output }),
    );
    return [true, `exitcode: ${exitCode} (${exitCode === 0 ? "execution succeeded" : "execution failed"})\nCode output: ${output}`];
  }
  return [false];
}

/** The messages to search, newest first. (With 0 messages AG2 searches all of them, by a slip of Python's slices.) */
function newest(messages: readonly ChatMessage[], count: number | "auto"): ChatMessage[] {
  const reversed = messages.toReversed();
  if (count !== "auto") return reversed.slice(0, count);
  const lastOwn = reversed.findIndex(({ role }) => role !== "user");
  return lastOwn < 0 ? reversed : reversed.slice(0, lastOwn);
}
