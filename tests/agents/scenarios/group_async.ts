/** Asynchronous tools, one of which throws; a handoff by the model; a run with events. */

import { nextTask } from "./wait.js";
import {
  AgentTarget,
  DefaultPattern,
  handoffsOf,
  initiateGroupChat,
  OnCondition,
  OnContextCondition,
  ReplyResult,
  StringContextCondition,
  StringLLMCondition,
  TerminateTarget,
} from "mlflow-ag2/agents/group";
import { runGroupChat } from "mlflow-ag2/agents/group-run";
import { agentWithModel, integerSchema, type ModelServer, type Scenario } from "./fixtures.js";
import { eventName } from "./group_events.js";
import { giveTool, parts } from "./group_fixtures.js";

function team(server: ModelServer): DefaultPattern {
  const reader = agentWithModel(server, "reader", "You read.");
  giveTool(reader, "broken", "Breaks.", {}, async () => {
    throw new TypeError("torn");
  });
  giveTool(
    reader,
    "fetch",
    "Fetches a page.",
    { page: integerSchema("page") },
    async ({ page }: { page: number }, { contextVariables }) => {
      await nextTask();
      const pages = Number(contextVariables["pages"] ?? 0) + 1;
      return new ReplyResult({ message: `page ${page}`, contextVariables: { pages } });
    },
  );
  const scribe = agentWithModel(server, "scribe", "You copy.");
  const condition = new StringLLMCondition("Copy it");
  handoffsOf(reader).add(new OnCondition({ target: new AgentTarget(scribe), condition }));
  handoffsOf(scribe)
    .add(new OnContextCondition({ target: new TerminateTarget(), condition: new StringContextCondition("stop") }))
    .setAfterWork(new TerminateTarget());
  return new DefaultPattern({ initialAgent: reader, agents: [reader, scribe] });
}

export const scenario: Scenario = async (server) => {
  const outcome = parts(await initiateGroupChat(team(server), { messages: "Read two pages." }));
  const response = runGroupChat(team(server), { messages: "Read one page." });
  const events: string[] = [];
  for await (const { type } of response) events.push(eventName(type));
  return {
    ...outcome,
    events,
    summary: await response.summary,
    last_speaker: await response.lastSpeaker,
    variables: (await response.contextVariables).toDict(),
    messages: await response.messages,
  };
};
