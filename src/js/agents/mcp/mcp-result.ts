/** The results of MCP tools as values for the model (AG2: mcp/mcp_client.py, `_convert_call_tool_result`). */

import { type Fields, isFields } from "../util/fields.js";
import { toolResultText } from "../tools/tool-text.js";

/**
 * An error that a tool of an MCP server has reported (`isError`), with AG2's text, which the model gets.
 *
 * @example
 * // A tool whose errors are logged, too.
 * const logged = ({ fn, name, description, parameters }: Tool): Tool =>
 *   new Tool<never>(
 *     async (args, context) => {
 *       try {
 *         return await fn(args, context);
 *       } catch (error) {
 *         if (error instanceof McpToolError) console.warn(`${error.server}: ${error.message}`);
 *         throw error;
 *       }
 *     },
 *     { name, description, parameters },
 *   );
 */
export class McpToolError extends Error {
  /** The server's name. */
  declare readonly server: string;
  /** The whole result of the call. */
  declare readonly result: unknown;

  /** @internal */
  constructor(message: string, server: string, result: unknown) {
    super(message);
    this.name = "McpToolError";
    this.server = server;
    this.result = result;
  }
}

/**
 * The value of a call's result: the text, or a list of texts; with an image, a sound or a resource a pair of these and
 * of a list of the other parts, as in AG2. A text that is the JSON of `structuredContent`, or no text, is that value
 * itself, which a trace shows as data.
 *
 * @throws McpToolError for a result with `isError`
 */
export function valueOfResult(result: unknown, server: string): unknown {
  const { content, structuredContent, isError } = result as Fields;
  const parts = Array.isArray(content) ? content.filter(isFields) : [];
  const texts = parts.filter(({ type }) => type === "text").map(({ text }) => text);
  const others = parts.filter(({ type }) => type !== "text");
  const value = texts.length === 1 ? texts[0] : texts;
  if (isError) throw new McpToolError(`Tool call failed: ${toolResultText(value)}`, server, result);
  if (others.length > 0) return [value, others];
  if (structuredContent === undefined) return value;
  return texts.length === 0 || isTextOf(value, structuredContent) ? structuredContent : value;
}

function isTextOf(text: unknown, value: unknown): boolean {
  try {
    return JSON.stringify(JSON.parse(text as string)) === JSON.stringify(value);
  } catch {
    return false;
  }
}
