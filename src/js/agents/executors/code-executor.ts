/** The base class of code executors (AG2: coding/base.py, `CodeExecutor`). */

import { type CodeBlock, type CodeExtractor, MarkdownCodeExtractor } from "./code-blocks.js";
import { generateCodeExecutionReply } from "./code-execution.js";
import { codeReply } from "./code-execution-config.js";
import type { ReplyFunction } from "../agent/reply-chain.js";
import type { CallContext } from "../types.js";

/** The result of running code. */
export interface CodeResult {
  /** The exit code; 0 for success. */
  exitCode: number;
  /** The output, for the other agent. */
  output: string;
  /** The file that the first block was written to, if any. */
  codeFile?: string | undefined;
}

/**
 * An executor that runs code for an agent. Extend it to run code in isolation: in a container, a Worker,
 * a service. It is a class and not an interface, so that only programs with an executor load the code
 * that uses it.
 *
 * @example
 * class RemoteExecutor extends CodeExecutor {
 *   async executeCodeBlocks(codeBlocks: readonly CodeBlock[], { signal }: CallContext): Promise<CodeResult> {
 *     const request = { method: "POST", body: JSON.stringify(codeBlocks), signal: signal ?? null };
 *     const response = await fetch("https://sandbox.example.org/run", request);
 *     return (await response.json()) as CodeResult;
 *   }
 * }
 * const runner = new ConversableAgent({ name: "runner", codeExecutionConfig: { executor: new RemoteExecutor() } });
 */
export abstract class CodeExecutor {
  /** The extractor of code in messages; by default for code between lines of three backticks. */
  readonly codeExtractor: CodeExtractor = new MarkdownCodeExtractor();
  /** @internal */
  readonly [codeReply]: ReplyFunction = generateCodeExecutionReply;

  /**
   * Runs the blocks in order, up to the first that fails. Return failures as a result, which the other
   * agent gets; a thrown error ends the chat. `context.signal` ends the execution early.
   */
  abstract executeCodeBlocks(codeBlocks: readonly CodeBlock[], context: CallContext): CodeResult | Promise<CodeResult>;

  /** Resets the state of executors that keep state between calls. */
  restart(): void | Promise<void> {}
}
