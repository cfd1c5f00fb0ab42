/**
 * `mlflow-ag2/agents/executors`: ways to run code that models wrote, and what your own is made from. None is ever used without being asked for.
 *
 * @module mlflow-ag2/agents/executors
 */

export { type CodeBlock, type CodeExtractor, MarkdownCodeExtractor } from "./code-blocks.js";
export { generateCodeExecutionReply } from "./code-execution.js";
export { CodeExecutor, type CodeResult } from "./code-executor.js";
export { CommandLineCodeExecutor, type CommandLineCodeExecutorOptions } from "./command-line.js";
