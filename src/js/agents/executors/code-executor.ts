/** What runs code (AG2: coding/base.py, `CodeExecutor`). */

import { type CodeBlock, type CodeExtractor, MarkdownCodeExtractor } from "./code-blocks.js";
import { generateCodeExecutionReply } from "./code-execution.js";
import { codeReply } from "../code-execution-config.js";
import type { ReplyFunction } from "../reply-chain.js";
import type { CallContext } from "../scope.js";

/** What came of running code. */
export interface CodeResult {
  /** 0: it went well. */
  exitCode: number;
  /** What it printed; the other side reads it. */
  output: string;
  /** The file that the first block was written to, if it was. */
  codeFile?: string | undefined;
}

/**
 * Runs code for an agent. Extend it to run code where it can do no harm: a container, a Worker, a
 * service. It is a class and not just an interface so that only programs with an executor carry the code
 * around it.
 *
 * @example
 * class RemoteExecutor extends CodeExecutor {
 *   async executeCodeBlocks(codeBlocks: readonly CodeBlock[], { signal }: CallContext): Promise<CodeResult> {
 *     const answer = await fetch("https://sandbox.example.org/run", { method: "POST", body: JSON.stringify(codeBlocks), signal: signal ?? null });
 *     return (await answer.json()) as CodeResult;
 *   }
 * }
 * const runner = new ConversableAgent({ name: "runner", codeExecutionConfig: { executor: new RemoteExecutor() } });
 */
export abstract class CodeExecutor {
  /** Finds the code in messages; not replaced: between lines of three backticks. */
  readonly codeExtractor: CodeExtractor = new MarkdownCodeExtractor();
  /** @internal */
  readonly [codeReply]: ReplyFunction = generateCodeExecutionReply;

  /**
   * Runs the blocks in order, up to the first that fails. What goes wrong belongs into the result, where
   * the other side can read it; an error ends the chat. `context.signal` ends the run early.
   */
  abstract executeCodeBlocks(codeBlocks: readonly CodeBlock[], context: CallContext): CodeResult | Promise<CodeResult>;

  /** Starts afresh, for executors that remember earlier code. */
  restart(): void | Promise<void> {}
}
