/** A page with a form, and a simulated person who fills it in. */

import { ConversableAgent, humanInput, UserProxyAgent } from "mlflow-ag2/agents";

document.body.innerHTML = "<form><label></label><input></form>";
const [form, label, field] = ["form", "label", "input"].map((name) => document.querySelector(name)) as [
  HTMLFormElement,
  HTMLLabelElement,
  HTMLInputElement,
];
const shown: string[] = [];

const user = new UserProxyAgent({
  name: "user",
  getHumanInput: humanInput(({ prompt, respond }) => {
    label.textContent = prompt;
    form.onsubmit = (event) => {
      event.preventDefault();
      respond(field.value);
    };
    setTimeout(person, 0);
  }),
});

/** Reads the question and submits the form. */
function person(): void {
  shown.push(label.textContent ?? "");
  field.value = shown.length === 1 ? "I am fine." : "exit";
  form.requestSubmit();
}

const helper = new ConversableAgent({ name: "helper", humanInputMode: "NEVER", defaultAutoReply: "How are you?" });
const result = await user.initiateChat(helper, { message: "Hello.", silent: true });
console.log(`RESULT ${JSON.stringify({ humanInput: result.humanInput, shown })}`);
