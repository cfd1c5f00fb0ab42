/** A tool that has another name than its function. */

import { object, speaker, text, thinker, type Twin, UNTIL_TERMINATE } from "./stage.js";

export const twin: Twin = async (stage) => {
  const implV2 = ({ query }: { query: string }): string => `3 hits for ${query}`;
  const helper = thinker(stage, "helper", "You search.");
  const user = speaker("user", UNTIL_TERMINATE);
  helper.registerForLlm({ name: "search", description: "Searches", parameters: object({ query: text("what to look for") }) })(implV2);
  user.registerForExecution({ name: "search" })(implV2);
  return { chat: await user.initiateChat(helper, { message: "Find owls." }) };
};
