/**
 * `mlflow-ag2/agents/executors`: executors for code of models, and the base class for your own. None is
 * used unless it is configured.
 *
 * @module mlflow-ag2/agents/executors
 */

export { type CodeBlock, type CodeExtractor, MarkdownCodeExtractor } from "./code-blocks.js";
export { generateCodeExecutionReply } from "./code-execution.js";
export { CodeExecutor, type CodeResult } from "./code-executor.js";
export { CommandLineCodeExecutor, type CommandLineCodeExecutorOptions } from "./command-line.js";
