/** The page in which `<mlflow-trace>` is tested. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { filesEndingIn } from "../support/files.js";
import { projectRoot } from "../support/project.js";
import { type Site, startSite } from "../support/site.js";

const made = join(projectRoot, "pkg", "js");

/** The element before its script has loaded, as in a page whose scripts are at the end. */
const PAGE = `<!doctype html><html lang="en"><title>another page</title>
<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">
<main><h1>Another page</h1><mlflow-trace>nothing here</mlflow-trace></main>
<script type="module" src="/main.js"></script>`;

/** Makes traces from short descriptions, with defaults for missing fields. */
const PROGRAM = `
import { Span, Trace, TraceInfo } from "/js/reading/trace.js";
const view = document.querySelector("mlflow-trace");
window.violations = [];
document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) =>
  window.violations.push(violatedDirective + " " + blockedURI));
const traceOf = (notes, traceId = "tr-1", fields = {}) => {
  const spans = notes.map((note) => {
    const { id, parent, name = id, type = "AGENT", from = 0, to = null, failed, events = [], ...attributes } = note;
    return new Span({
      name,
      spanId: id,
      parentId: parent ?? null,
      traceId,
      startTimeNs: BigInt(from) * 1000000n,
      endTimeNs: to === null ? undefined : BigInt(to) * 1000000n,
      status: failed === undefined ? { code: "OK", description: "" } : { code: "ERROR", description: failed },
      attributes: { "mlflow.spanType": type, ...attributes },
      events: events.map(([name, attributes]) => ({ name, timeNs: 2000000n, attributes })),
    });
  });
  const state = notes[0]?.to === undefined ? "IN_PROGRESS" : "OK";
  const info = { traceId, experimentId: "0", state, requestTimeMs: 0, executionDurationMs: undefined };
  const { judged } = notes[0] ?? {};
  const assessments = judged === undefined ? [] : [{ name: "helpful", value: judged }];
  return new Trace(new TraceInfo({ ...info, assessments, tags: {}, traceMetadata: {}, ...fields }), spans);
};
window.show = (...given) => {
  view.trace = traceOf(...given);
};
window.showSession = (traces) => {
  const session = document.querySelector("mlflow-session") ?? document.createElement("mlflow-session");
  session.traces = traces.map((given) => traceOf(...given));
  view.replaceWith(session);
};
window.turned = [];
document.addEventListener("traceselect", ({ detail }) => window.turned.push(detail.trace.info.traceId));
window.selected = [];
window.judged = [];
document.addEventListener("feedback", ({ detail }) => window.judged.push(detail));
document.addEventListener("spanselect", ({ detail }) => window.selected.push(detail.span?.name ?? null));
window.show([{ id: "early", to: 1 }]);
await import("/js/view/index.js");
window.isReady = true;
`;

/** A trace: its spans, its id, and fields of its info. */
export type GivenTrace = [notes: object[], traceId?: string, fields?: object];

/** What the page gives to the tests. */
export interface PageWindow {
  isReady?: boolean;
  violations: string[];
  selected: (string | null)[];
  judged: object[];
  turned: string[];
  show(...given: GivenTrace): void;
  showSession(traces: GivenTrace[]): void;
  axe: { run(): Promise<{ violations: { id: string }[] }> };
}

/** A trace of five spans. */
export const FAMILY = [
  { id: "root", type: "CHAIN", to: 100 },
  { id: "one", parent: "root", from: 1, to: 30 },
  {
    id: "one.a",
    parent: "one",
    type: "LLM",
    from: 2,
    to: 20,
    "mlflow.chat.tokenUsage": { input_tokens: 4, output_tokens: 3, total_tokens: 7 },
  },
  { id: "one.b", parent: "one", type: "TOOL", from: 21, to: 29, failed: "broken" },
  { id: "two", parent: "root", from: 40, to: 90 },
];

/** Serves the page. */
export function startElementSite(): Promise<Site> {
  const files = new Map<string, string | Buffer>([
    ["/index.html", PAGE],
    ["/main.js", PROGRAM],
  ]);
  for (const path of [...filesEndingIn(join(made, "view"), ".js"), join(made, "reading", "trace.js")])
    files.set(path.replace(made, "/js"), readFileSync(path));
  return startSite([], files);
}
