/** The tracking server: connecting, what to do when that fails, and the way to a trace in MLflow's own page. */

import * as mlflow from "mlflow-ag2";
import { explain } from "./explanations.js";
import { find, messageOf, type Outcome, showOutcome } from "./page.js";
import { isForbidden, watchPolicy } from "./policy.js";
import { currentTrace, whenCurrentChanges } from "./traces.js";

const form = find("server-form", HTMLFormElement);
const uriField = find("tracking-uri", HTMLInputElement);
const experimentField = find("experiment", HTMLInputElement);
const outcome = find("server-outcome", HTMLElement);
const note = find("server-note", HTMLElement);
const leave = find("disconnect", HTMLButtonElement);
const link = find("open-in-mlflow", HTMLAnchorElement);

const FLUSH_MS = 5000;
const RETRY_MS = 1000;

/** The number of attempts to connect: only the newest one counts. */
let attempts = 0;
let connected: { readonly uri: string; readonly experimentId: string } | undefined;

/** Makes the form work. */
export function offerServer(): void {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void connect(uriField.value.trim().replace(/\/+$/, ""), experimentField.value.trim());
  });
  leave.addEventListener("click", disconnect);
  watchPolicy();
  whenCurrentChanges(showLink);
}

/** Sends the buffer to the server, if one is connected, and shows the progress until all has arrived. */
export async function deliverTraces(): Promise<void> {
  const server = connected;
  let dropped = 0;
  while (server !== undefined && server === connected) {
    const result = await mlflow.flush({ timeoutMs: FLUSH_MS });
    dropped += result.dropped;
    if (server !== connected) return;
    const { lastError } = mlflow.stats();
    if (result.pending + dropped === 0) showOutcome(outcome, { state: "good", text: `Sent to ${server.uri}.` });
    else if (lastError === undefined || lastError.isOver)
      showOutcome(outcome, { state: "busy", text: `${result.pending} spans are on their way …` });
    else
      showOutcome(
        outcome,
        await explanation(
          lastError.code,
          `${result.pending} spans wait, ${dropped} were given up. ${lastError.message}`,
          server.uri,
        ),
      );
    const trace = currentTrace();
    if (trace !== undefined) showLink(trace);
    if (result.pending === 0) return;
    await pause(RETRY_MS);
  }
}

async function connect(uri: string, name: string): Promise<void> {
  const attempt = ++attempts;
  showOutcome(outcome, { state: "busy", text: `Connecting to ${uri} …` });
  try {
    mlflow.setTrackingUri(uri);
    const { experimentId } = await mlflow.setExperiment(name);
    if (attempt !== attempts) return;
    connected = { uri, experimentId };
    leave.hidden = false;
    note.textContent = "The next traces go to this server.";
    showOutcome(outcome, { state: "good", text: `Connected: experiment “${name}” has the id ${experimentId}.` });
  } catch (error) {
    const explained = await explanation(
      mlflow.MlflowAg2Error.is(error) ? error.code : undefined,
      messageOf(error),
      uri,
    );
    if (attempt !== attempts) return;
    disconnect();
    showOutcome(outcome, explained);
  }
}

function disconnect(): void {
  connected = undefined;
  mlflow.setTrackingUri("memory:");
  leave.hidden = true;
  link.hidden = true;
  note.textContent = "Traces are kept in this page's memory. Connect a server to send the next ones there.";
  showOutcome(outcome, undefined);
}

function showLink({ info }: mlflow.Trace): void {
  link.hidden = connected === undefined || info.state === "IN_PROGRESS" || info.experimentId !== connected.experimentId;
  if (connected !== undefined)
    link.href = `${connected.uri}/#/experiments/${connected.experimentId}/traces?selectedEvaluationId=${info.traceId}`;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

async function explanation(code: string | undefined, message: string, uri: string): Promise<Outcome> {
  return explain({
    code,
    message,
    uri,
    isForbidden: code === "unreachable" && (await isForbidden(uri)),
    page: location,
  });
}
