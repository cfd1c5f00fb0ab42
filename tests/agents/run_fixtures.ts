/** What the tests of runs share. */

import { Tool } from "mlflow-ag2/agents";
import { setPrinter } from "mlflow-ag2/agents/console";
import type { RunEvent } from "mlflow-ag2/agents/run";

/** Agents whose messages are events; as in AG2, those of silent agents are not. */
export const NOT_SILENT = { silent: undefined };

/** A tool that puts its text in upper case. */
export function shouting(): Tool {
  return new Tool(({ text }: { text: string }) => text.toUpperCase(), {
    name: "shout",
    description: "Upper case",
    parameters: { type: "object", properties: { text: { type: "string" } } },
  });
}

/** All events of a run. */
export async function eventsOf(response: AsyncIterable<RunEvent>): Promise<RunEvent[]> {
  const events: RunEvent[] = [];
  for await (const event of response) events.push(event);
  return events;
}

/** The types of all events of a run. */
export async function typesOf(response: AsyncIterable<RunEvent>): Promise<string[]> {
  return (await eventsOf(response)).map(({ type }) => type);
}

/** The output while `action` runs. */
export async function printedBy(action: () => Promise<unknown>): Promise<string[]> {
  const printed: string[] = [];
  const undo = setPrinter((text) => printed.push(text));
  try {
    await action();
  } finally {
    undo();
  }
  return printed;
}
