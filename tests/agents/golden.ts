/** The golden files of the parity scenarios. */

import type { ChatResult, LlmConfig, ModelRequest } from "mlflow-ag2/agents";
import { type Script, ScriptedModel } from "mlflow-ag2/agents/testing";
import { readGolden } from "../support/golden-files.js";

/** A model with the script of a golden scenario. */
export function scriptedModel(name: string): ScriptedModel {
  return new ScriptedModel(readGolden(`scripts/${name}.json`) as Script);
}

/** An `llmConfig` with that model, as the Python programs have it. */
export function llmConfig(client: ScriptedModel, model = "gpt-4o-mini", extra: LlmConfig = {}): LlmConfig {
  return { configList: [{ model, client, ...extra }] };
}

/** The bodies of the requests that Python's AG2 sent. */
export function goldenRequests(name: string): ModelRequest[] {
  return (readGolden(`${name}.requests.json`) as { requests: { body: ModelRequest }[] }).requests.map(
    ({ body }) => body,
  );
}

/** The results of the Python program, by label. */
export function goldenResults(name: string): Record<string, unknown> {
  return (readGolden(`${name}.result.json`) as { results: Record<string, unknown> }).results;
}

/** The used fields of a span in a golden trace. */
export interface GoldenSpan {
  type: string;
  inputs: unknown;
  outputs: unknown;
  children: GoldenSpan[];
}

/** The spans of one type in the golden traces of a scenario, in order of their start. */
export function goldenSpans(name: string, type: string): GoldenSpan[] {
  const { traces } = readGolden(`${name}.json`) as { traces: { spans: GoldenSpan[] }[] };
  const all = (spans: GoldenSpan[]): GoldenSpan[] => spans.flatMap((span) => [span, ...all(span.children)]);
  return all(traces.flatMap(({ spans }) => spans)).filter((span) => span.type === type);
}

/** The part of a result that the golden files have, with numbers rounded as there. */
export function comparable({ chatHistory, summary, cost, humanInput }: ChatResult): unknown {
  return rounded({ chat_history: chatHistory, summary, cost, human_input: humanInput });
}

/** Data in the form of the golden files: as JSON, with ten significant digits. */
export function rounded(data: unknown): unknown {
  return JSON.parse(JSON.stringify(data), (_, value: unknown) =>
    typeof value === "number" ? Number(value.toPrecision(10)) : value,
  );
}
