/** The shouting chat once more. (In Python a tracer is switched on twice.) */

import { shouters } from "./agents_before_autolog.js";
import type { Twin } from "./stage.js";

export const twin: Twin = async (stage) => {
  const { helper, user } = shouters(stage);
  return { chat: await user.initiateChat(helper, { message: "Shout hello." }) };
};
