/** The checks of the options of `send`, `receive` and `generateReply`. */

import type { Agent, DeliveryOptions, GenerateReplyOptions } from "../types.js";
import { invalidOption } from "../util/errors.js";
import { checkOptions, type OptionRules } from "../util/options.js";

const DELIVERY: OptionRules<DeliveryOptions> = { requestReply: "flag", silent: "flag", context: "parent" };

const GENERATE_REPLY: OptionRules<GenerateReplyOptions> = {
  messages: "list",
  sender: "agent",
  exclude: "list",
  context: "parent",
};

/** Returns the options of `send` or `receive`, checked. @throws AgentError `invalid_option` */
export function checkedDelivery(
  method: "send" | "receive",
  options: DeliveryOptions,
  recipient?: Agent,
): DeliveryOptions {
  checkOptions(method, options, DELIVERY);
  if (method === "send" && typeof recipient?.receive !== "function")
    throw invalidOption("recipient", "an agent: `send(message, agent)`");
  return options;
}

/** Returns the options of `generateReply`, checked. @throws AgentError `invalid_option` */
export function checkedGenerateReply(options: GenerateReplyOptions): GenerateReplyOptions {
  checkOptions("generateReply", options, GENERATE_REPLY);
  return options;
}
