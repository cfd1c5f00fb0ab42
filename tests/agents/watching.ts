/** An observer that keeps what it is told, as objects and as lines. */

import { type AgentObserver, type EndDetails, type MessageEvent, observe, type Scope, type ScopeKind, type StartDetails } from "mlflow-ag2/agents";

type Report =
  | { event: "start"; scope: Scope; details: StartDetails[ScopeKind] }
  | { event: "end"; scope: Scope; details: EndDetails[ScopeKind] }
  | { event: "failure"; scope: Scope; error: unknown }
  | { event: "message"; scope: Scope | undefined; message: MessageEvent };

/** Everything that agents reported while one action ran. */
export class Watched {
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

  /** Such as `start reply of helper in chat`: what happened to which scope, and where a started one belongs. */
  get lines(): string[] {
    return this.reports.map((report) => {
      if (report.event === "message") {
        const { sender, recipient, valid } = report.message;
        return `message ${sender.name} > ${recipient.name}${valid ? "" : " (invalid)"} by ${this.name(report.scope)}`;
      }
      return `${report.event} ${this.name(report.scope)}${report.event === "start" ? ` in ${this.name(report.scope.parent)}` : ""}`;
    });
  }

  /** A scope's kind and whose it is. */
  name(scope: Scope | undefined): string {
    return scope === undefined ? "nothing" : (this.#names.get(scope) ?? `unknown ${scope.kind}`);
  }

  /** What was said when scopes of that kind started, in order. */
  starts<Kind extends ScopeKind>(kind: Kind): StartDetails[Kind][] {
    return this.reports.flatMap((report) => (report.event === "start" && report.scope.kind === kind ? [report.details as StartDetails[Kind]] : []));
  }

  /** What was said when scopes of that kind ended, in order. */
  ends<Kind extends ScopeKind>(kind: Kind): EndDetails[Kind][] {
    return this.reports.flatMap((report) => (report.event === "end" && report.scope.kind === kind ? [report.details as EndDetails[Kind]] : []));
  }

  /** The errors that were reported, with the scope of each. */
  get failures(): [scope: string, error: unknown][] {
    return this.reports.flatMap((report) => (report.event === "failure" ? [[this.name(report.scope), report.error] as [string, unknown]] : []));
  }
}

/** Watches while `action` runs, whether it succeeds or not. */
export async function watching(action: () => Promise<unknown>): Promise<Watched> {
  const watched = new Watched();
  const stop = observe(watched.observer);
  try {
    await action();
  } catch {
    // The reports tell.
  } finally {
    stop();
  }
  return watched;
}

function nameIn(details: StartDetails[ScopeKind]): string {
  if ("name" in details) return ` ${details.name}`;
  return "agent" in details && details.agent !== undefined ? ` of ${details.agent.name}` : "";
}
