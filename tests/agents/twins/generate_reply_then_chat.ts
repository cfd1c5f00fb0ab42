/** A reply made by hand, and after it two chats of the same agents. */

import { speaker, thinker, type Twin } from "./stage.js";

export const twin: Twin = async (stage) => {
  const helper = thinker(stage, "helper", "You help.");
  const user = speaker("user", { defaultAutoReply: "Go on." });
  const reply = await helper.generateReply({ messages: [{ role: "user", content: "Warm up." }] });
  const first = await user.initiateChat(helper, { message: "Chat one.", maxTurns: 2 });
  const second = await user.initiateChat(helper, { message: "Chat two.", maxTurns: 1 });
  return { reply, chat_one: first, chat_two: second };
};
