/** One chat after the other, of two pairs of agents. */

import { speaker, type Stage, thinker, type Twin } from "./stage.js";

function pair(stage: Stage, number: number) {
  return { helper: thinker(stage, `helper${number}`, `You are helper ${number}.`), user: speaker(`user${number}`, { defaultAutoReply: "Go on." }) };
}

export const twin: Twin = async (stage) => {
  const [one, two] = [pair(stage, 1), pair(stage, 2)];
  const first = await one.user.initiateChat(one.helper, { message: "Hello one.", maxTurns: 2 });
  const second = await two.user.initiateChat(two.helper, { message: "Hello two.", maxTurns: 2 });
  return { async: first, sync: second };
};
