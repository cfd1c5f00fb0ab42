/** Tools and teams for the scenarios of group chats by patterns. */

import { type ConversableAgent, type JsonSchema, Tool, type ToolFunction } from "mlflow-ag2/agents";
import type { GroupChatOutcome } from "mlflow-ag2/agents/group";
import { objectSchema } from "./fixtures.js";

/** Gives an agent's model a tool, which a group's executor runs (Python: `functions=[…]`). */
export function giveTool<Arguments>(
  agent: ConversableAgent,
  name: string,
  description: string,
  properties: Record<string, JsonSchema>,
  fn: ToolFunction<Arguments>,
  required?: string[],
): void {
  const parameters = objectSchema(properties, required);
  agent.registerForLlm()(new Tool(fn, { name, description, parameters }));
}

/** The parts of an outcome that most programs return. */
export function parts([chat, context, last]: GroupChatOutcome): Record<string, unknown> {
  return { chat, context: context.toDict(), last: last.name };
}

/** The error of `work` as the Python programs report it, or what it returns. */
export async function attempt(work: () => unknown): Promise<unknown> {
  try {
    return await work();
  } catch (error) {
    const { name, message } = error as Error;
    return `${name}: ${message}`;
  }
}
