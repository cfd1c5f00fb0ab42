/** Choosing and running a conversation. */

import * as mlflow from "mlflow-ag2";
import { SCENES } from "../scenes/all.js";
import type { Scene } from "../scenes/scene.js";
import { chosenModel } from "./model.js";
import { find, messageOf, showOutcome } from "./page.js";
import { deliverTraces } from "./server.js";
import { expectTraces } from "./traces.js";
import { refreshStats } from "./tracing.js";

const form = find("run-form", HTMLFormElement);
const button = find("run", HTMLButtonElement);
const outcome = find("outcome", HTMLElement);
let isRunning = false;

/** Offers the conversations and makes the button work. */
export function offerScenes(): void {
  const group = find("scenes", HTMLFieldSetElement);
  SCENES.forEach((scene, index) => group.append(choice(scene, index === 0)));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const id = group.querySelector<HTMLInputElement>("input:checked")?.value;
    const scene = SCENES.find((candidate) => candidate.id === id);
    if (scene !== undefined && !isRunning) void run(scene);
  });
}

async function run(scene: Scene): Promise<void> {
  isRunning = true;
  // Not `disabled`, which would remove the focus of the button that was just pressed.
  button.setAttribute("aria-disabled", "true");
  button.textContent = "Running …";
  showOutcome(outcome, { state: "busy", text: `${scene.title}: the agents talk …` });
  expectTraces(scene.title);
  const before = mlflow.stats().started;
  try {
    const model = chosenModel(scene);
    const words = await scene.hold(model.llmConfig);
    model.assertFinished();
    showOutcome(outcome, { state: "good", text: `${words}\n\n${recorded(before)}` });
  } catch (error) {
    showOutcome(outcome, { state: "bad", text: `${messageOf(error)}\n\n${recorded(before)}` });
  }
  isRunning = false;
  button.removeAttribute("aria-disabled");
  button.textContent = "Run the conversation";
  refreshStats();
  await deliverTraces();
}

/** What the tracer saw of the run. */
function recorded(before: number): string {
  const { started, unavailable } = mlflow.stats();
  const spans = started - before;
  if (unavailable !== undefined) return unavailable;
  return spans === 0 ? "Not a single span was recorded." : `${spans} spans were recorded.`;
}

function choice({ id, title, about }: Scene, isChosen: boolean): HTMLElement {
  const label = document.createElement("label");
  label.className = "scene";
  const radio = document.createElement("input");
  radio.type = "radio";
  radio.name = "scene";
  radio.value = id;
  radio.checked = isChosen;
  const name = document.createElement("b");
  name.textContent = title;
  const note = document.createElement("span");
  note.className = "note";
  note.textContent = about;
  label.append(radio, name, note);
  return label;
}
