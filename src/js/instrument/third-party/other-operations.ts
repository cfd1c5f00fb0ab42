/** Further operations of third-party agents: speaker selection, human input, code execution. */

import { isMap, isSet } from "../../capture/built-ins.js";
import { field, type Fields, asList, asText, isList, isPlainObject } from "../fields.js";
import type { StartedOperation, Call } from "./call.js";
import { isAgent } from "./object-shape.js";
import { className, namedAgent, agentName } from "./agent-names.js";
import { plainText, textOf } from "./message-fields.js";
import { ThirdPartyScope, innermostScope } from "./third-party-scope.js";
import { actingAgent } from "./tools.js";

/** Starts a speaker selection. */
export function startSpeakerSelection(call: Call): StartedOperation | undefined {
  const { self, args } = call;
  if (innermostScope()?.kind === "speakerSelection") return undefined;
  const last = args.find(isAgent);
  const strategy = field(self, "speakerSelectionMethod speakerSelectionMode selectionMethod selectionMode strategy");
  const method = asText(strategy) ?? className(strategy) ?? "custom";
  const details = { groupChat: groupOf(call), lastSpeaker: last && namedAgent(last, ""), method };
  return new ThirdPartyScope("speakerSelection", self, agentName(self) ?? "", details).started((result) => {
    const name = agentName(isList(result) ? result[0] : result);
    return { speaker: name === undefined ? undefined : { name }, method };
  });
}

/** The group of a speaker selection: from the object that selects, or the list that it selects from. */
function groupOf({ self, args }: Call): Fields {
  // A list that is passed is of messages or of agents.
  const lists = [...args, ...args.filter(isPlainObject).map(candidatesIn), candidatesIn(self)];
  const members = lists.map(agentsIn).find((agents) => agents.length > 0) ?? [];
  return { name: agentName(self) ?? "", agents: members.map((member) => namedAgent(member, "")) };
}

function candidatesIn(holder: unknown): unknown {
  return field(holder, "candidates agents participants members speakers _agents _participants _members");
}

function agentsIn(list: unknown): object[] {
  const members = isMap(list) ? list.values() : isSet(list) ? list : (asList(list) ?? []);
  return [...members].filter(isAgent);
}

/** Starts a request for human input. */
export function startHumanInput({ self, args }: Call): StartedOperation | undefined {
  if (innermostScope()?.kind === "humanInput") return undefined;
  const agent = namedAgent(self, "user");
  const prompt = (args.find(asText) as string | undefined) ?? "";
  return new ThirdPartyScope("humanInput", self, agent.name, { agent, prompt }).started((result) => ({
    reply: textOf(result) ?? String(result ?? ""),
  }));
}

/** Starts a code execution. */
export function startCodeExecution({ self, args }: Call): StartedOperation | undefined {
  if (innermostScope()?.kind === "codeExecution") return undefined;
  const agent = actingAgent(self);
  return new ThirdPartyScope("codeExecution", self, agent.name, { agent, blocks: blocksIn(args) }).started((result) => {
    const [code, output] = isList(result) ? (result as unknown[]) : [field(result, "exitCode code")];
    const isFailure = field(result, "success ok") === false;
    return {
      exitCode: typeof code === "number" ? code : isFailure ? 1 : 0,
      output: plainText(output ?? field(result, "output stdout logs result error") ?? result),
    };
  });
}

function blocksIn([first, second]: readonly unknown[]): { language: string; code: string }[] {
  if (typeof first === "string") return [{ language: asText(second) ?? "", code: first }];
  return (asList(first) ?? [first]).map((block) => {
    const [language, code] = isList(block)
      ? (block as unknown[])
      : [field(block, "language lang"), field(block, "code source")];
    return { language: asText(language) ?? "", code: asText(code) ?? "" };
  });
}
