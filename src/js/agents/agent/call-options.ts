/** The checks of the options of `send`, `receive` and `generateReply`. */

import type { DeliveryOptions, GenerateReplyOptions } from "../types.js";
import { checkOptions, type OptionRules } from "../util/options.js";

const DELIVERY: OptionRules<DeliveryOptions> = { requestReply: "flag", silent: "flag", context: "any" };

const GENERATE_REPLY: OptionRules<GenerateReplyOptions> = {
  messages: "any",
  sender: "any",
  exclude: "any",
  context: "any",
};

/** Returns the options of `send` or `receive`, checked. @throws AgentError `invalid_option` */
export function checkedDelivery(method: "send" | "receive", options: DeliveryOptions): DeliveryOptions {
  checkOptions(method, options, DELIVERY);
  return options;
}

/** Returns the options of `generateReply`, checked. @throws AgentError `invalid_option` */
export function checkedGenerateReply(options: GenerateReplyOptions): GenerateReplyOptions {
  checkOptions("generateReply", options, GENERATE_REPLY);
  return options;
}
