/**
 * A program that uses every way to report to the tracer, run in a process of its own: with `mlflow-ag2`, or with
 * `mlflow-ag2/lazy` while the core comes at one of the steps.
 */

import { ConversableAgent } from "mlflow-ag2/agents";
import { ScriptedModel } from "mlflow-ag2/agents/testing";
import type * as Mlflow from "mlflow-ag2";
import type { LiveSpan, Span } from "mlflow-ag2";

/** What the program has recorded, without what differs from run to run. */
export interface Recorded {
  /** How many steps there were. */
  readonly steps: number;
  /** Whether each id that the program has read is that of a recorded span. */
  readonly known: readonly boolean[];
  readonly isLast: boolean;
  readonly closed: number;
  readonly traces: readonly unknown[];
  readonly stats: Readonly<Record<string, unknown>>;
}

type Tracer = typeof Mlflow;
type Step = () => Promise<void>;

/** Holds the core back until the function that is returned is called. To be called before the tracer is imported. */
export function holdCore(error?: Error): () => void {
  let arrive = (): void => {};
  const arrival = new Promise<void>((resolve) => (arrive = resolve));
  const { compile } = WebAssembly;
  WebAssembly.compile = async (bytes) => {
    await arrival;
    if (error !== undefined) throw error;
    return compile(bytes);
  };
  return () => arrive();
}

/** Runs the program; the core comes at the step with the number `moment`. */
export async function recordWhileCoreComes(mlflow: Tracer, arrive: () => void, moment: number): Promise<Recorded> {
  const arrived = async (): Promise<void> => {
    arrive();
    while (mlflow.status() !== "on") await new Promise((resolve) => setTimeout(resolve, 1));
  };
  let steps = 0;
  const step: Step = async () => {
    if (steps++ === moment) await arrived();
  };
  const ids: [trace: string, span: string][] = [];
  const note = ({ traceId, spanId }: LiveSpan): void => void ids.push([traceId, spanId]);

  mlflow.init({ trackingUri: "memory:", maskKeys: ["password"], defaultTags: { release: "7" } });
  mlflow.autolog();
  await step();
  await chat(mlflow, step, note);
  await manualSpans(mlflow, step, note);
  await continuedTrace(mlflow, step, note);
  const closed = await abandonedTrace(mlflow, step, note);
  await failures(mlflow, step);
  await changedPolicy(mlflow, step);
  const last = mlflow.getLastActiveTraceId();
  await step();
  await arrived();

  const { traces } = await mlflow.searchTraces();
  const isRecorded = ([traceId, spanId]: [string, string]): boolean =>
    traces.some(({ info, data }) => info.traceId === traceId && data.spans.some((span) => span.spanId === spanId));
  const names = new Map(traces.flatMap(({ data }) => data.spans.map(({ spanId, name }) => [spanId, name])));
  const { started, inMemory, dropped, open, detached, hookFailures, eventErrors, sampledOut } = mlflow.stats();
  return {
    steps,
    known: ids.map(isRecorded),
    isLast: last === traces[0]?.info.traceId,
    closed,
    traces: traces.map(({ info, data }) => ({
      state: info.state,
      request: info.requestPreview,
      tags: info.tags,
      session: info.traceMetadata["mlflow.trace.session"],
      user: info.traceMetadata["mlflow.trace.user"],
      spans: data.spans.map((span) => comparable(span, names)),
    })),
    stats: { started, inMemory, dropped, open, detached, hookFailures, eventErrors, sampledOut },
  };
}

/** A chat with a model and a tool, of a user, with secrets and text that is no ASCII. */
async function chat(
  { startSpan, withTraceContext }: Tracer,
  step: Step,
  note: (span: LiveSpan) => void,
): Promise<void> {
  const call = { name: "add", arguments: { a: 1, b: 2 } };
  const model = new ScriptedModel({ responses: [{ tool_calls: [call], usage: [21, 5] }, { content: "three" }] });
  const create = model.create.bind(model);
  model.create = async (...request) => {
    await step();
    const response = await create(...request);
    await step();
    return response;
  };
  const assistant = new ConversableAgent({ name: "assistant", llmConfig: { model: "gpt-4o-mini", client: model } });
  const user = new ConversableAgent({ name: "user", llmConfig: false, humanInputMode: "NEVER" });
  const add = async ({ a, b }: { a: number; b: number }, context: object): Promise<number> => {
    const span = startSpan({ name: "inside", parent: context, inputs: [{ role: "user", content: "grün" }] });
    note(span);
    await step();
    span.addEvent({ name: "summed", attributes: { sum: a + b } });
    span.end({ outputs: a + b, attributes: { exact: true, password: "hunter2" } });
    return a + b;
  };
  const number = { type: "number" };
  const parameters = { type: "object", properties: { a: number, b: number }, required: ["a", "b"] };
  assistant.registerForLlm({ name: "add", description: "adds", parameters })(add);
  user.registerForExecution({ name: "add" })(add);
  const options = { message: "1 + 2?", maxTurns: 2, silent: true };
  await withTraceContext({ sessionId: "s-1", userId: "ada" }, () => user.initiateChat(assistant, options));
  await step();
}

/** Spans with attributes, links, events and values of all kinds, whose context is sent to another program. */
async function manualSpans(mlflow: Tracer, step: Step, note: (span: LiveSpan) => void): Promise<void> {
  const work = async (span: LiveSpan): Promise<number[]> => {
    note(span);
    const { traceparent = "" } = mlflow.getTracingContextHeadersForHttpRequest();
    const [, traceId, spanId] = traceparent.split("-");
    note({ ...span, traceId: `tr-${traceId}`, spanId: spanId! });
    mlflow.updateCurrentTrace({ tags: { kind: "manual" } });
    await step();
    const one = mlflow.startSpan({ name: "one", inputs: { lone: "\ud800", text: "€".repeat(300) } });
    await step();
    one.addLink({ traceId: `tr-${"1".repeat(32)}`, spanId: "2".repeat(16), attributes: { of: "a span" } });
    one.addLink({ traceId: "nonsense", spanId: "2", attributes: { of: "nothing" } });
    one.recordException(new TypeError("not this"));
    await step();
    one.end({ status: "ERROR" });
    for (let at = 0; at < 20; at++) span.setAttribute(`attribute ${at}`, { at });
    await step();
    return [1, 2, 3];
  };
  await mlflow.withSpan(work, { name: "work" });
  await step();
}

/** A span below one of another program. */
async function continuedTrace(mlflow: Tracer, step: Step, note: (span: LiveSpan) => void): Promise<void> {
  const traceparent = "00-0123456789abcdef0123456789abcdef-0123456789abcdef-01";
  await mlflow.withTracingContextFromHeaders({ traceparent }, async (context) => {
    await step();
    const below = mlflow.startSpan({ name: "below", parent: context });
    note(below);
    await step();
    below.end();
  });
}

/** A trace that is left open, and then closed; traces that are not sampled. */
async function abandonedTrace(mlflow: Tracer, step: Step, note: (span: LiveSpan) => void): Promise<number> {
  for (let at = 0; at < 8; at++) mlflow.startSpan({ name: "unsampled", parent: null, samplingRatio: 0 }).end();
  const left = mlflow.startSpan({ name: "left", parent: null, samplingRatio: 0.999_999_999 });
  note(left);
  mlflow.startSpan({ name: "left inside", parent: left });
  await step();
  const closed = mlflow.closeTrace(left.traceId);
  await step();
  return closed;
}

async function failures(mlflow: Tracer, step: Step): Promise<void> {
  const failing = mlflow.trace(
    async () => {
      await step();
      throw new RangeError("too far");
    },
    { name: "failing" },
  );
  await failing().catch(() => {});
  await step();
}

/** Inputs are recorded under the policy of their time. */
async function changedPolicy(mlflow: Tracer, step: Step): Promise<void> {
  mlflow.init({ captureInputs: false });
  await mlflow.withSpan(() => step(), { name: "without inputs", inputs: { hidden: true } });
  await mlflow.flush();
  mlflow.init({ captureInputs: true });
  await mlflow.withSpan(() => step(), { name: "with inputs", inputs: { hidden: false } });
}

/** Attributes with ids of this run. */
const OF_THE_RUN = /traceRequestId|conversation\.id|response\.id|spanLogLevel\.id/;

function comparable(span: Span, names: ReadonlyMap<string, string>): object {
  const { name, spanType, inputs, outputs, parentId, status, events, links } = span;
  const attributes = Object.entries(span.attributes).filter(([key]) => !OF_THE_RUN.test(key));
  return withoutChatIds({
    name,
    spanType,
    inputs,
    outputs,
    parent: names.get(parentId ?? "") ?? parentId,
    status,
    links,
    events: events.map((event) => [event.name, { ...event.attributes, "exception.stacktrace": "" }]),
    attributes: Object.fromEntries(attributes.sort(([one], [other]) => (one < other ? -1 : 1))),
  });
}

function withoutChatIds(value: object): object {
  return JSON.parse(JSON.stringify(value, (key, member: unknown) => (key === "chat_id" ? 0 : member))) as object;
}
