/** After works by functions, which select the target, change variables and send messages to single agents. */

import {
  AgentTarget,
  DefaultPattern,
  FunctionTarget,
  type FunctionTargetResult,
  handoffsOf,
  initiateGroupChat,
  StayTarget,
  type TargetFunction,
  TerminateTarget,
} from "mlflow-ag2/agents/group";
import { agentWithModel, type Scenario } from "./fixtures.js";
import { attempt, parts } from "./group_fixtures.js";

export const scenario: Scenario = async (server) => {
  const seen: unknown[] = [];
  const drafter = agentWithModel(server, "drafter", "You draft.");
  const proofer = agentWithModel(server, "proofer", "You proof.");
  const boss = agentWithModel(server, "boss", "You sign.");
  const after_draft: TargetFunction = (output, variables, { limit = 5 }): FunctionTargetResult => {
    seen.push([output, variables.toDict(), limit]);
    return output.length < Number(limit)
      ? { target: new StayTarget(), messages: "Too short.", contextVariables: { short: true } }
      : { target: new AgentTarget(proofer), messages: "Proof this." };
  };
  const after_proof: TargetFunction = (output, variables) => {
    seen.push([output, variables.toDict()]);
    return {
      target: new AgentTarget(boss),
      messages: [
        { content: "For the drafter.", msgTarget: drafter },
        { content: "For the boss.", msgTarget: boss },
      ],
    };
  };
  handoffsOf(drafter).setAfterWork(new FunctionTarget(after_draft, { extraArgs: { limit: 8 } }));
  handoffsOf(proofer).setAfterWork(new FunctionTarget(after_proof));
  handoffsOf(boss).setAfterWork(new FunctionTarget(() => ({ target: new TerminateTarget() })));
  const pattern = new DefaultPattern({ initialAgent: drafter, agents: [drafter, proofer, boss] });
  const outcome = parts(await initiateGroupChat(pattern, { messages: "Draft a note." }));
  const histories = Object.fromEntries(
    [drafter, proofer, boss].map(({ name, chatMessages }) => [
      name,
      [...chatMessages.values()].flat().map((message) => ({ ...message })),
    ]),
  );
  const text = await attempt(() => void new FunctionTarget("after_draft" as never));
  const no_result = (() => new AgentTarget(boss)) as unknown as TargetFunction;
  handoffsOf(drafter).setAfterWork(new FunctionTarget(no_result));
  const alone = new DefaultPattern({ initialAgent: drafter, agents: [drafter] });
  return {
    ...outcome,
    seen,
    histories,
    text,
    no_result: await attempt(() => initiateGroupChat(alone, { messages: "Draft again." })),
  };
};
