/** How an agent is told to run the code in messages (AG2: coding/base.py, `CodeExecutionConfig`). It knows executors by their type only: agents that run no code do not carry what runs it. */

import { AgentError, isCount, mustBe } from "./errors.js";
import type { CodeExecutor } from "./executors/code-executor.js";
import type { ReplyFunction } from "./reply-chain.js";

/** Lets an agent run the code in messages. */
export interface CodeExecutionConfig {
  /** Runs it, e.g. a `CommandLineCodeExecutor` of `mlflow-ag2/agents/executors`. */
  executor: CodeExecutor;
  /** How many messages are searched for code, newest first; "auto" (not given: this): all since the agent last spoke. */
  lastNMessages?: number | "auto" | undefined;
}

/** Where an executor keeps the reply function that uses it. */
export const codeReply: unique symbol = Symbol.for("mlflow-ag2.code-reply") as never;

/**
 * The reply function that runs code.
 *
 * @throws AgentError when the configuration is not usable
 */
export function codeReplyOf({ executor, lastNMessages = "auto" }: CodeExecutionConfig): ReplyFunction {
  const reply = (executor as Partial<CodeExecutor> | undefined)?.[codeReply];
  if (reply === undefined) {
    throw new AgentError(
      "invalid_option",
      "`codeExecutionConfig` needs an `executor` that extends `CodeExecutor` of `mlflow-ag2/agents/executors`",
    );
  }
  if (lastNMessages !== "auto" && !isCount(lastNMessages)) throw mustBe("lastNMessages", 'a whole number or "auto"');
  return reply;
}
