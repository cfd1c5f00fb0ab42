/** Emoji, CJK, right-to-left text, control characters, and a message of 200 kB. */

import { speaker, thinker, type Twin } from "./stage.js";

const SAMPLE = "Grüße 🌍👩‍👩‍👧 你好，世界 שלום \u202eabc\u202c tab\t nul-free \u0001 \"quoted\" \\back\\ </script> €";

export const twin: Twin = async (stage) => {
  const helper = thinker(stage, "帮手_🤖", "你是一个助手。");
  const user = speaker("Benutzerin", { defaultAutoReply: "漢字🙂".repeat(20_000) });
  return { chat: await user.initiateChat(helper, { message: SAMPLE, maxTurns: 2 }) };
};
