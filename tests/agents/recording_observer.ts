/** An observer that records its calls, as objects and as lines. */

import {
  type AgentObserver,
  type EndDetails,
  type MessageEvent,
  observe,
  type Scope,
  type ScopeKind,
  type StartDetails,
} from "mlflow-ag2/agents";

type Report =
  | { event: "start"; scope: Scope; details: StartDetails[ScopeKind] }
  | { event: "end"; scope: Scope; details: EndDetails[ScopeKind] }
  | { event: "failure"; scope: Scope; error: unknown }
  | { event: "message"; scope: Scope | undefined; message: MessageEvent };

/** The reports of agents while one action ran. */
export class RecordingObserver {
  readonly reports: Report[] = [];
  readonly created: string[] = [];
  readonly chunks: { scope: Scope; chunk: unknown }[] = [];
  readonly #names = new Map<Scope, string>();

  readonly observer: AgentObserver = {
    start: (scope, details) => {
      this.#names.set(scope, `${scope.kind}${nameIn(details)}`);
      this.reports.push({ event: "start", scope, details });
    },
    end: (scope, details) => this.reports.push({ event: "end", scope, details }),
    failure: (scope, error) => this.reports.push({ event: "failure", scope, error }),
    message: (scope, message) => this.reports.push({ event: "message", scope, message }),
    chunk: (scope, chunk) => this.chunks.push({ scope, chunk }),
    agentCreated: (agent) => this.created.push(agent.name),
  };

  /** The reports as lines, such as `start reply of helper in chat`: event, scope and, for a start, the parent. */
  get lines(): string[] {
    return this.reports.map((report) => {
      if (report.event === "message") {
        const { sender, recipient, valid } = report.message;
        return `message ${sender.name} > ${recipient.name}${valid ? "" : " (invalid)"} by ${this.name(report.scope)}`;
      }
      const parent = report.event === "start" ? ` in ${this.name(report.scope.parent)}` : "";
      return `${report.event} ${this.name(report.scope)}${parent}`;
    });
  }

  /** The kind of a scope and its agent. */
  name(scope: Scope | undefined): string {
    return scope === undefined ? "nothing" : (this.#names.get(scope) ?? `unknown ${scope.kind}`);
  }

  /** The details of starts of scopes of that kind, in order. */
  starts<Kind extends ScopeKind>(kind: Kind): StartDetails[Kind][] {
    return this.reports.flatMap((report) =>
      report.event === "start" && report.scope.kind === kind ? [report.details as StartDetails[Kind]] : [],
    );
  }

  /** The details of ends of scopes of that kind, in order. */
  ends<Kind extends ScopeKind>(kind: Kind): EndDetails[Kind][] {
    return this.reports.flatMap((report) =>
      report.event === "end" && report.scope.kind === kind ? [report.details as EndDetails[Kind]] : [],
    );
  }

  /** The reported errors, each with its scope. */
  get failures(): [scope: string, error: unknown][] {
    return this.reports.flatMap((report) =>
      report.event === "failure" ? [[this.name(report.scope), report.error] as [string, unknown]] : [],
    );
  }
}

/** Records the reports while `action` runs, whether it succeeds or not. */
export async function recordReports(action: () => Promise<unknown>): Promise<RecordingObserver> {
  const recorded = new RecordingObserver();
  const stop = observe(recorded.observer);
  try {
    await action();
  } catch {
    // The failure is in the reports.
  } finally {
    stop();
  }
  return recorded;
}

function nameIn(details: StartDetails[ScopeKind]): string {
  if ("name" in details) return ` ${details.name}`;
  return "agent" in details && details.agent !== undefined ? ` of ${details.agent.name}` : "";
}
