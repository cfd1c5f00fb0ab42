/** The first hour of a user, as one function: what each step gives is what the user sees of it. */

import {
  autolog,
  flush,
  getLastActiveTraceId,
  init,
  logFeedback,
  searchTraces,
  setExperiment,
  startSpan,
  stats,
  status,
  withTraceContext,
} from "mlflow-ag2";
import { AssistantAgent, type ConversableAgentOptions, registerFunction, UserProxyAgent } from "mlflow-ag2/agents";

/** The token that the guarded server takes. */
export const TOKEN = "a-token-of-the-first-hour";

/** What a step gives: plain data. */
export interface Hour {
  calculator: { answer: unknown; traceId: string };
  /** By what was written wrong: the code and the message. */
  mistakes: Record<string, string>;
  wrongServer: { delivered: boolean; status: string; code: string | undefined };
  wrongToken: { delivered: boolean; status: string; code: string | undefined; traceId: string };
  killSwitch: { answer: unknown; status: string; recorded: number; afterwards: string };
  session: { name: string; traceIds: string[]; found: string[] };
  feedback: { traceId: string; id: string };
  stats: { started: number; delivered: number; hookFailures: number; dropped: number };
}

interface Operation {
  a: number;
  b: number;
  operator: "+" | "-" | "*" | "/";
}

const calculator = ({ a, b, operator }: Operation): number =>
  operator === "+" ? a + b : operator === "-" ? a - b : operator === "*" ? a * b : a / b;

function team(site: string): { assistant: AssistantAgent; user: UserProxyAgent } {
  const llmConfig = { model: "gpt-4o-mini", apiKey: "none", baseUrl: `${site}/model` };
  const assistant = new AssistantAgent({ name: "assistant", llmConfig });
  const user = new UserProxyAgent({
    name: "user",
    humanInputMode: "NEVER",
    codeExecutionConfig: false,
    isTerminationMsg: ({ content }) => String(content).includes("TERMINATE"),
  });
  registerFunction(calculator, {
    caller: assistant,
    executor: user,
    name: "calculator",
    description: "A simple calculator",
    parameters: {
      type: "object",
      properties: {
        a: { type: "number" },
        b: { type: "number" },
        operator: { type: "string", enum: ["+", "-", "*", "/"] },
      },
      required: ["a", "b", "operator"],
    },
  });
  return { assistant, user };
}

/** One conversation; gives the summary and the id of its trace. */
async function ask(site: string, message: string): Promise<{ answer: unknown; traceId: string }> {
  const { assistant, user } = team(site);
  const { summary } = await user.initiateChat(assistant, { message, maxTurns: 4, silent: true });
  return { answer: summary, traceId: getLastActiveTraceId() ?? "none" };
}

/** What is thrown, at once or later. */
async function mistake(make: () => unknown): Promise<string> {
  try {
    await make();
  } catch (error) {
    // The errors of the tracer and those of the agents have a code.
    const { code, message } = error as { code?: string; message?: string };
    return `${code}: ${message}`;
  }
  return "nothing was thrown";
}

/** Flushes until no more spans wait than those that cannot be delivered. */
async function deliver(undeliverable: number): Promise<void> {
  do await flush({ timeoutMs: 300 });
  while (stats().buffered > undeliverable);
}

/** Flushes until the server's answer is known; gives what a user can see then. */
async function failedFlush(code: string): Promise<{ delivered: boolean; status: string; code: string | undefined }> {
  let result;
  do result = await flush({ timeoutMs: 300 });
  while (lastErrorCode() !== code && result.pending > 0);
  return { delivered: result.pending === 0, status: status(), code: lastErrorCode() };
}

const lastErrorCode = (): string | undefined => stats().lastError?.code;

/**
 * Takes the steps one after the other.
 *
 * @param site the address of the site that has the model and the servers
 * @param experiment the name of a new experiment
 */
export async function firstHour(site: string, experiment: string): Promise<Hour> {
  autolog();
  init({ trackingUri: `${site}/mlflow` });
  await setExperiment(experiment);
  const sum = await ask(site, "What is 6 * 7?");
  await flush();

  const { assistant, user } = team(site);
  const untyped = (options: object): never => options as never;
  const mistakes = {
    system_message: await mistake(
      () => new AssistantAgent({ name: "a", system_message: "Be brief." } as ConversableAgentOptions),
    ),
    sometimes: await mistake(() => new UserProxyAgent(untyped({ name: "u", humanInputMode: "sometimes" }))),
    trackingURI: await mistake(() => init(untyped({ trackingURI: site }))),
    max_turns: await mistake(() => user.initiateChat(assistant, untyped({ message: "Hello", max_turns: 1 }))),
    text: await mistake(() => user.initiateChat(assistant, "Hello" as never)),
    filter: await mistake(() => searchTraces(untyped({ filter: "trace.status = 'OK'" }))),
    startSpan: await mistake(() => (startSpan as (options?: object) => unknown)()),
  };

  init({ trackingUri: `${site}/other` });
  await ask(site, "What is 6 * 7?");
  const wrongServer = await failedFlush("not_mlflow");
  const { buffered: lost } = stats();

  init({ trackingUri: `${site}/guarded`, token: "not-the-token", experimentId: "0" });
  const guarded = await ask(site, "What is 6 * 7?");
  const wrongToken = { ...(await failedFlush("unauthorized")), traceId: guarded.traceId };
  init({ token: TOKEN });
  await deliver(lost);

  const startedBefore = stats().started;
  const flags = globalThis as { MLFLOW_AG2_DISABLED?: boolean };
  flags.MLFLOW_AG2_DISABLED = true;
  const untraced = await ask(site, "What is 6 * 7?");
  const killSwitch = { answer: untraced.answer, status: status(), recorded: stats().started - startedBefore };
  delete flags.MLFLOW_AG2_DISABLED;

  init({ trackingUri: `${site}/mlflow`, token: null, userId: "ada" });
  await setExperiment(experiment);
  const session = `session of ${experiment}`;
  const traceIds: string[] = [];
  for (const question of ["What is 6 * 7?", "What is 6 * 7?"])
    await withTraceContext({ sessionId: session, tags: { page: "first hour" } }, async () => {
      traceIds.push((await ask(site, question)).traceId);
    });
  await deliver(lost);
  const { traces } = await searchTraces({
    experimentNames: [experiment],
    filterString: `metadata.\`mlflow.trace.session\` = '${session}'`,
    orderBy: ["timestamp_ms ASC"],
  });
  const feedback = await logFeedback({
    traceId: sum.traceId,
    name: "helpful",
    value: true,
    source: { sourceType: "HUMAN", sourceId: "ada" },
  });

  const { started, delivered, hookFailures, dropped } = stats();
  return {
    calculator: sum,
    mistakes,
    wrongServer,
    wrongToken,
    killSwitch: { ...killSwitch, afterwards: status() },
    session: { name: session, traceIds, found: traces.map(({ info }) => info.traceId) },
    feedback: { traceId: sum.traceId, id: feedback.assessmentId },
    stats: {
      started,
      delivered,
      hookFailures,
      dropped: Object.values(dropped).reduce((sum, count) => sum + count, 0),
    },
  };
}
