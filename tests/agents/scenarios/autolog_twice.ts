/** The chat of `agents_before_autolog` again. (In Python a tracer is switched on twice.) */

import { shouters } from "./agents_before_autolog.js";
import type { Scenario } from "./fixtures.js";

export const scenario: Scenario = async (server) => {
  const { helper, user } = shouters(server);
  return { chat: await user.initiateChat(helper, { message: "Shout hello." }) };
};
