/** Two chats of two pairs of agents; the second begins and ends inside the first. (In Python in two threads.) */

import { speaker, type Stage, thinker, type Twin } from "./stage.js";

function pair(stage: Stage, name: string) {
  return { helper: thinker(stage, `helper_${name}`, `You are helper ${name}.`), user: speaker(`user_${name}`, { defaultAutoReply: "And then?" }) };
}

export const twin: Twin = async (stage) => {
  const [a, b] = [pair(stage, "A"), pair(stage, "B")];
  let tell = (): void => {};
  const isWaiting = new Promise<void>((resolve) => (tell = resolve));
  a.helper.registerHook("processAllMessagesBeforeReply", (messages) => {
    tell();
    return messages;
  });
  const chatB = isWaiting.then(() => b.user.initiateChat(b.helper, { message: "Question B.", maxTurns: 1 }));
  const [A, B] = await Promise.all([a.user.initiateChat(a.helper, { message: "Question A.", maxTurns: 2 }), chatB]);
  return { A, B };
};
