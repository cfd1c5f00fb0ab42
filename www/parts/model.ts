/** The model of the next conversation: a script, or the user's own endpoint. */

import type { LlmConfig } from "mlflow-ag2/agents";
import { ScriptedModel } from "mlflow-ag2/agents/testing";
import type { Scene } from "../scenes/scene.js";
import { find } from "./page.js";

/** Long enough to see each step, short enough not to bore. */
const SLOW_MS = 450;

const kind = find("model-kind", HTMLSelectElement);
const slow = find("slow", HTMLInputElement);
const baseUrl = find("base-url", HTMLInputElement);
const modelName = find("model-name", HTMLInputElement);
const apiKey = find("api-key", HTMLInputElement);

/** Shows the fields of the kind of model that is chosen. */
export function showModelFields(): void {
  const show = (): void => {
    const isOwn = kind.value === "own";
    find("own-options", HTMLElement).hidden = !isOwn;
    find("scripted-options", HTMLElement).hidden = isOwn;
    for (const field of [baseUrl, modelName]) field.required = isOwn;
  };
  kind.addEventListener("change", show);
  show();
}

/** The configuration of a model for agents. */
export interface ChosenModel {
  readonly llmConfig: LlmConfig;
  /** @throws AgentError if a script was not followed to its end */
  assertFinished(): void;
}

/** The chosen model. The key is read from its field each time and put nowhere else. */
export function chosenModel(scene: Scene): ChosenModel {
  if (kind.value === "own") {
    const key = apiKey.value.trim();
    const config = { model: modelName.value.trim(), baseUrl: baseUrl.value.trim(), ...(key !== "" && { apiKey: key }) };
    return { llmConfig: { configList: [config] }, assertFinished: () => undefined };
  }
  const steps = scene.script.map((step) =>
    slow.checked ? { delay_ms: SLOW_MS, ...step } : { ...step, chunk_delay_ms: 0 },
  );
  const client = new ScriptedModel(steps);
  return {
    llmConfig: { configList: [{ model: "gpt-4o-mini", client }] },
    assertFinished: () => client.assertFinished(),
  };
}
