/**
 * The configuration of code execution (AG2: coding/base.py, `CodeExecutionConfig`). It imports only the types
 * of executors, so that pages whose agents run no code do not load them.
 */

import { AgentError, isCount, invalidOption } from "../util/errors.js";
import { checkOptions, type OptionRules } from "../util/options.js";
import type { CodeExecutor } from "./code-executor.js";
import type { ReplyFunction } from "../agent/reply-chain.js";

/** The configuration that lets an agent run the code in messages. */
export interface CodeExecutionConfig {
  /** The executor, e.g. a `CommandLineCodeExecutor` of `mlflow-ag2/agents/executors`. */
  executor: CodeExecutor;
  /**
   * The number of messages that are searched for code, newest first; "auto" (the default): all since the agent's last
   * one.
   */
  lastNMessages?: number | "auto" | undefined;
}

const CONFIG_OPTIONS: OptionRules<CodeExecutionConfig> = { executor: "any", lastNMessages: "any" };

/** The key of an executor's reply function. */
export const codeReply: unique symbol = Symbol.for("mlflow-ag2.code-reply") as never;

/**
 * The reply function that runs code.
 *
 * @throws AgentError if the configuration is invalid
 */
export function codeReplyOf(config: CodeExecutionConfig): ReplyFunction {
  checkOptions("codeExecutionConfig", config, CONFIG_OPTIONS);
  const { executor, lastNMessages = "auto" } = config;
  const reply = (executor as Partial<CodeExecutor> | undefined)?.[codeReply];
  if (reply === undefined) {
    throw new AgentError(
      "invalid_option",
      "`codeExecutionConfig` needs an `executor` that extends `CodeExecutor` of `mlflow-ag2/agents/executors`",
    );
  }
  if (lastNMessages !== "auto" && !isCount(lastNMessages))
    throw invalidOption("lastNMessages", 'a whole number or "auto"');
  return reply;
}
