/** Selection of the next speaker by a person (AG2: agentchat/groupchat.py, `GroupChat.manual_select_speaker`). */

import { ConversableAgent } from "../agent/conversable-agent.js";
import { askOnTerminal } from "../agent/human-input.js";
import { OpenScope, raceAbort, runOperation } from "../observe/scope.js";
import type { CallContext } from "../types.js";
import { emitEvent } from "../observe/emit-event.js";

const PROMPT = "Enter the number of the next speaker (enter nothing or `q` to use auto selection): ";
/** The number of attempts, as in AG2. */
const ATTEMPTS = 2;

/** Asks for the number of an agent; `undefined` for none. The input is not part of the chat's `humanInput`. */
export async function askPersonForSpeaker(
  candidates: readonly ConversableAgent[],
  context: CallContext | undefined,
): Promise<ConversableAgent | undefined> {
  const agents = candidates.map(({ name }) => name);
  // The person must see the candidates even if the chat is silent.
  await emitEvent({ type: "selectSpeaker", agents }, context?.scope);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const typed = await ask(context);
    if (typed === "" || typed === "q") return undefined;
    const chosen = /^\s*\+?\d+\s*$/.test(typed) ? candidates[Number(typed) - 1] : undefined;
    if (chosen !== undefined) return chosen;
    await emitEvent({ type: "selectSpeakerInvalidInput", agents }, context?.scope);
  }
  await emitEvent({ type: "selectSpeakerTryCountExceeded", tryCount: ATTEMPTS, agents }, context?.scope);
  return undefined;
}

function ask(context: CallContext | undefined): Promise<string> {
  const { agent, signal } = context ?? {};
  if (context === undefined || !(agent instanceof ConversableAgent)) return askOnTerminal(PROMPT, signal);
  const scope = new OpenScope("humanInput", context.scope, { agent, prompt: PROMPT });
  return runOperation(
    scope,
    () => raceAbort(() => agent.getHumanInput(PROMPT, { ...context, scope }), { scope, signal }),
    (reply) => ({ reply }),
  );
}
