/** A person chooses the next speaker (AG2: agentchat/groupchat.py, `GroupChat.manual_select_speaker`). */

import { ConversableAgent } from "./conversable-agent.js";
import { askOnTerminal } from "./human-input.js";
import { type CallContext, OpenScope, orAborted, within } from "./scope.js";
import { tell } from "./tell.js";

const PROMPT = "Enter the number of the next speaker (enter nothing or `q` to use auto selection): ";
/** As in AG2, which counts the third, at which it gives up, as well. */
const ATTEMPTS = 2;

/** The agent whose number a person enters; `undefined` for none. What is typed does not count as human input of the chat. */
export async function askForSpeaker(candidates: readonly ConversableAgent[], context: CallContext | undefined): Promise<ConversableAgent | undefined> {
  const agents = candidates.map(({ name }) => name);
  // Whoever has to choose must see the choice, in silent chats too.
  await tell({ type: "selectSpeaker", agents }, context?.scope, false);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const typed = await ask(context);
    if (typed === "" || typed === "q") return undefined;
    const chosen = /^\s*\+?\d+\s*$/.test(typed) ? candidates[Number(typed) - 1] : undefined;
    if (chosen !== undefined) return chosen;
    await tell({ type: "selectSpeakerInvalidInput", agents }, context?.scope, false);
  }
  await tell({ type: "selectSpeakerTryCountExceeded", tryCount: ATTEMPTS, agents }, context?.scope, false);
  return undefined;
}

function ask(context: CallContext | undefined): Promise<string> {
  const { agent, signal } = context ?? {};
  if (context === undefined || !(agent instanceof ConversableAgent)) return askOnTerminal(PROMPT, signal);
  const scope = new OpenScope("humanInput", context.scope, { agent, prompt: PROMPT });
  return within(scope, () => orAborted(() => agent.getHumanInput(PROMPT, { ...context, scope }), { scope, signal }), (reply) => ({ reply }));
}
