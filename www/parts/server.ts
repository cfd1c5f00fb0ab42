/** The tracking server: connecting, what to do when that fails, and the way to a trace in MLflow's own page. */

import * as mlflow from "mlflow-ag2";
import { find, messageOf, type Outcome, say } from "./page.js";
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

/** The last address that the page's own policy kept it from. */
let forbidden = "";
let connected: { readonly uri: string; readonly experimentId: string } | undefined;

/** Makes the form work. */
export function offerServer(): void {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void connect(uriField.value.trim().replace(/\/+$/, ""), experimentField.value.trim());
  });
  leave.addEventListener("click", disconnect);
  document.addEventListener("securitypolicyviolation", ({ blockedURI }) => (forbidden = blockedURI));
  whenCurrentChanges(showLink);
}

/** Sends what waits to the server, if one is connected, and says how that goes until all has arrived. */
export async function deliverTraces(): Promise<void> {
  const server = connected;
  let dropped = 0;
  while (server !== undefined && server === connected) {
    const result = await mlflow.flush({ timeoutMs: FLUSH_MS });
    dropped += result.dropped;
    if (server !== connected) return;
    const { lastError } = mlflow.stats();
    if (result.pending + dropped === 0) say(outcome, { state: "good", text: `Sent to ${server.uri}.` });
    else if (lastError === undefined) say(outcome, { state: "busy", text: `${result.pending} spans are on their way …` });
    else say(outcome, explain(lastError.code, `${result.pending} spans wait, ${dropped} were given up. ${lastError.message}`, server.uri));
    const trace = currentTrace();
    if (trace !== undefined) showLink(trace);
    if (result.pending === 0) return;
    await pause(RETRY_MS);
  }
}

async function connect(uri: string, name: string): Promise<void> {
  say(outcome, { state: "busy", text: `Asking ${uri} …` });
  try {
    mlflow.setTrackingUri(uri);
    const { experimentId } = await mlflow.setExperiment(name);
    connected = { uri, experimentId };
    leave.hidden = false;
    note.textContent = "The next traces go to this server.";
    say(outcome, { state: "good", text: `Connected: experiment “${name}” has the id ${experimentId}.` });
  } catch (error) {
    disconnect();
    // What the page's policy forbids is reported just after the request has failed.
    await pause(0);
    say(outcome, explain(mlflow.MlflowAg2Error.is(error) ? error.code : undefined, messageOf(error), uri));
  }
}

function disconnect(): void {
  connected = undefined;
  mlflow.setTrackingUri("memory:");
  leave.hidden = true;
  link.hidden = true;
  note.textContent = "Traces are kept in this page's memory. Connect a server to send the next ones there.";
  say(outcome, undefined);
}

function showLink({ info }: mlflow.Trace): void {
  link.hidden = connected === undefined || info.state === "IN_PROGRESS" || info.experimentId !== connected.experimentId;
  if (connected !== undefined) link.href = `${connected.uri}/#/experiments/${connected.experimentId}/traces?selectedEvaluationId=${info.traceId}`;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function portOf(uri: string): string {
  const { port, protocol } = new URL(uri);
  return port !== "" ? port : protocol === "https:" ? "443" : "80";
}

/** A browser does not tell a page why it got no answer, so the likely reasons are named with their cures. */
function explain(code: string | undefined, message: string, uri: string): Outcome {
  if (code === "unauthorized") {
    return {
      state: "bad",
      text:
        `${message}\n\nThis server asks for a login. MLflow's basic-auth also asks it of the browser's preflight requests, which cannot carry one, ` +
        "so a page cannot reach it directly: put a reverse proxy before it that answers OPTIONS and adds the login, on this page's own origin.",
    };
  }
  if (code !== "unreachable") return { state: "bad", text: message };
  if (forbidden.startsWith(uri)) {
    return { state: "bad", text: `The host of this page forbids it to talk to ${uri}. Let it send this content security policy:`, command: "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self' http: https:" };
  }
  if (location.protocol === "https:" && uri.startsWith("http:") && !/^http:\/\/(localhost|127\.|\[::1\])/.test(uri)) {
    return { state: "bad", text: `This page came by https, so the browser lets it talk to https addresses and to localhost only; ${uri} is neither. Serve MLflow by https, or open this page by http.` };
  }
  return {
    state: "bad",
    text: `No answer from ${uri} reached this page. Either no server runs there, or it does not allow this page's origin (CORS). MLflow allows http://localhost by itself; other origins it must be told:`,
    command: `mlflow server --port ${portOf(uri)} --cors-allowed-origins "${location.origin}"`,
  };
}
