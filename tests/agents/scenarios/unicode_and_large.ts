/** Emoji, CJK, right-to-left text, control characters, and a message of 200 kB. */

import { agentWithoutModel, agentWithModel, type Scenario } from "./fixtures.js";

const SAMPLE = 'Grüße 🌍👩‍👩‍👧 你好，世界 שלום \u202eabc\u202c tab\t nul-free \u0001 "quoted" \\back\\ </script> €';

export const scenario: Scenario = async (server) => {
  const helper = agentWithModel(server, "帮手_🤖", "你是一个助手。");
  const user = agentWithoutModel("Benutzerin", { defaultAutoReply: "漢字🙂".repeat(20_000) });
  return { chat: await user.initiateChat(helper, { message: SAMPLE, maxTurns: 2 }) };
};
