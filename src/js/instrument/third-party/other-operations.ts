/** What else agents of other libraries do: choose who speaks next, ask a person, run code. */

import { field, type Fields, listOrNothing, textOrNothing } from "../fields.js";
import type { Begun, Call } from "./call.js";
import { isAgent } from "./kinds.js";
import { classOf, named, nameOf } from "./names.js";
import { plainText, textOf } from "./read.js";
import { ForeignScope, innermost } from "./report.js";
import { whoActs } from "./tools.js";

/** Who speaks next is to be chosen. */
export function beginSpeakerSelection(call: Call): Begun | undefined {
  const { self, given } = call;
  if (innermost()?.kind === "speakerSelection") return undefined;
  const last = given.find(isAgent);
  const strategy = field(self, "speakerSelectionMethod speakerSelectionMode selectionMethod selectionMode strategy");
  const method = textOrNothing(strategy) ?? classOf(strategy) ?? "custom";
  const details = { groupChat: groupOf(call), lastSpeaker: last && named(last, ""), method };
  return new ForeignScope("speakerSelection", self, nameOf(self) ?? "", details).begun((result) => {
    const name = nameOf(Array.isArray(result) ? result[0] : result);
    return { speaker: name === undefined ? undefined : { name }, method };
  });
}

/** The names in a group: of the object that chooses, or of the list that it chooses from. */
function groupOf({ self, given }: Call): Fields {
  const listed = given.find(Array.isArray) ?? field(self, "agents participants members _agents _participants");
  const members = listed instanceof Map ? [...listed.values()] : (listOrNothing(listed) ?? []);
  return { name: nameOf(self) ?? "", agents: members.filter(isAgent).map((member) => named(member, "")) };
}

/** A person is asked. */
export function beginHumanInput({ self, given }: Call): Begun | undefined {
  if (innermost()?.kind === "humanInput") return undefined;
  const agent = named(self, "user");
  const prompt = (given.find(textOrNothing) as string | undefined) ?? "";
  return new ForeignScope("humanInput", self, agent.name, { agent, prompt }).begun((result) => ({
    reply: textOf(result) ?? String(result ?? ""),
  }));
}

/** Code is run. */
export function beginCodeExecution({ self, given }: Call): Begun | undefined {
  if (innermost()?.kind === "codeExecution") return undefined;
  const agent = whoActs(self);
  return new ForeignScope("codeExecution", self, agent.name, { agent, blocks: blocksIn(given) }).begun((result) => {
    const [code, output] = Array.isArray(result) ? (result as unknown[]) : [field(result, "exitCode code")];
    const isFailure = field(result, "success ok") === false;
    return {
      exitCode: typeof code === "number" ? code : isFailure ? 1 : 0,
      output: plainText(output ?? field(result, "output stdout logs result error") ?? result),
    };
  });
}

function blocksIn([first, second]: readonly unknown[]): { language: string; code: string }[] {
  if (typeof first === "string") return [{ language: textOrNothing(second) ?? "", code: first }];
  return (listOrNothing(first) ?? [first]).map((block) => {
    const [language, code] = Array.isArray(block)
      ? (block as unknown[])
      : [field(block, "language lang"), field(block, "code source")];
    return { language: textOrNothing(language) ?? "", code: textOrNothing(code) ?? "" };
  });
}
