/**
 * Chats and manual spans, made in two waves while the server misbehaves, then delivered as far as
 * that goes. Reports every span it made, and what the tracer counted.
 */

import * as mlflow from "mlflow-ag2";
import { ConversableAgent, type ModelClient, type ModelResponse } from "mlflow-ag2/agents";
import { settings, report } from "./host.js";

/** What is made, and how. */
interface Plan {
  /** Chats per wave. */
  chats: number;
  /** Spans of each trace made by hand. */
  spans: number;
  /** Characters in the inputs of every span made by hand, such that they cannot be packed. */
  fillingCharacters: number;
  /** Text in the inputs of some spans: those that the server will refuse. */
  rejectedText?: string;
  /** Options of `init` from the beginning. */
  init: mlflow.InitOptions;
  /** Options of `init` once delivery has stopped: what a person would do about it. */
  fixedInit?: mlflow.InitOptions;
  /** How long to try, in milliseconds. */
  patienceMs: number;
}

interface Made {
  traceId: string;
  spanIds: string[];
  rejectedIds: string[];
}

const { trackingUri, experiment, plan: planText } = settings();
const plan = JSON.parse(planText) as Plan;
const made: Made[] = [];

const waiting = (): number => mlflow.stats().buffered + mlflow.stats().open;

/** A model that calls the tool `probe` once and then ends the chat. */
function model(): ModelClient {
  let calls = 0;
  const respond = (message: object): ModelResponse => ({
    id: "c",
    model: "m",
    choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", ...message } }],
    usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 },
  });
  const probe = [{ id: "call_1", type: "function", function: { name: "probe", arguments: "{}" } }];
  return {
    create: async () =>
      calls++ === 0 ? respond({ content: null, tool_calls: probe }) : respond({ content: "Done. TERMINATE" }),
  };
}

async function chat(): Promise<void> {
  const assistant = new ConversableAgent({
    name: "assistant",
    llmConfig: { configList: [{ model: "m", client: model(), price: [0, 0] }] },
    humanInputMode: "NEVER",
  });
  const user = new ConversableAgent({
    name: "user",
    llmConfig: false,
    humanInputMode: "NEVER",
    isTerminationMsg: ({ content }) => String(content).includes("TERMINATE"),
  });
  assistant.registerForLlm({ name: "probe", description: "A probe", parameters: { type: "object", properties: {} } })(
    () => "probed",
  );
  user.registerForExecution({ name: "probe" })(() => "probed");
  await user.initiateChat(assistant, { message: "Use the probe.", silent: true });
  const trace = await mlflow.getTrace(mlflow.getLastActiveTraceId());
  made.push({ traceId: trace!.info.traceId, spanIds: trace!.data.spans.map(({ spanId }) => spanId), rejectedIds: [] });
}

let noise = 1;

function filling(): string {
  return Array.from({ length: plan.fillingCharacters }, () => {
    noise = (Math.imul(noise, 1_103_515_245) + 12_345) >>> 0;
    return String.fromCharCode(0x21 + ((noise >>> 16) % 93));
  }).join("");
}

function byHand(rejected: boolean): void {
  const root = mlflow.startSpan({ name: "by hand", inputs: { filling: filling() }, parent: null });
  const trace: Made = { traceId: root.traceId, spanIds: [root.spanId], rejectedIds: [] };
  for (let index = 1; index < plan.spans; index += 1) {
    const isRejected = rejected && index === 1;
    const span = mlflow.startSpan({
      name: `step ${index}`,
      parent: root,
      inputs: { filling: filling(), rejectedText: isRejected ? plan.rejectedText : "none" },
    });
    trace.spanIds.push(span.spanId);
    if (isRejected) trace.rejectedIds.push(span.spanId);
    span.end();
  }
  root.end();
  made.push(trace);
}

async function wave(): Promise<void> {
  for (let index = 0; index < plan.chats; index += 1) await chat();
  byHand(false);
  byHand(plan.rejectedText !== undefined);
}

mlflow.init({ trackingUri, experimentName: experiment, ...plan.init });
mlflow.autolog({ silent: true });

await wave();
await mlflow.flush({ timeoutMs: 100 });
await wave();
const end = Date.now() + plan.patienceMs;
let fixed = plan.fixedInit === undefined;
while (waiting() > 0 && Date.now() < end) {
  const { delivered, dropped } = await mlflow.flush({ timeoutMs: fixed ? 5000 : 1000 });
  if (!fixed && delivered + dropped === 0) {
    mlflow.init(plan.fixedInit!);
    fixed = true;
  } else if (delivered + dropped === 0) {
    await new Promise((resolve) => setTimeout(resolve, 20)); // nothing is due before long: let it become due
  }
}
report({ made, stats: mlflow.stats() });
