/** A page that does nothing by itself: the test makes it chat and looks at what it counts. */

import * as mlflow from "mlflow-ag2";
import { ConversableAgent } from "mlflow-ag2/agents";
import { settings } from "./host.js";

/** What the test finds in the page. */
export interface AtHand {
  mlflow: typeof mlflow;
  /** A chat of so many questions and answers, with a model that takes a moment; four spans each, and a root. */
  chat(exchanges: number): Promise<void>;
  /** A trace of so many spans. */
  trace(spans: number): void;
}

async function chat(exchanges: number): Promise<void> {
  let answers = 0;
  const create = async (): Promise<never> => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    const message = { role: "assistant", content: `answer ${++answers}` };
    return { id: "c", model: "m", choices: [{ index: 0, finish_reason: "stop", message }] } as never;
  };
  const agent = (name: string): ConversableAgent =>
    new ConversableAgent({
      name,
      llmConfig: { configList: [{ model: "m", client: { create }, price: 0 }] },
      humanInputMode: "NEVER",
    });
  await agent("user").initiateChat(agent("assistant"), { message: "Hello.", maxTurns: exchanges, silent: true });
}

function trace(spans: number): void {
  mlflow.withSpan(
    (root) => {
      for (let count = 1; count < spans; count += 1)
        mlflow.startSpan({ name: `span ${count}`, parent: root, inputs: { count } }).end();
    },
    { name: "root" },
  );
}

mlflow.autolog();
mlflow.init({ trackingUri: settings().trackingUri, liveDelayMs: 100 });
Object.assign(globalThis, { mlflow, chat, trace } satisfies AtHand);
console.log("RESULT ready");
