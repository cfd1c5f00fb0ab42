/** The default reply functions of agents. */

import { generateFunctionCallReply, generateToolCallsReply } from "../tools/tool-execution.js";
import { generateOaiReply } from "./llm-reply.js";
import type { ReplyFunction } from "./reply-chain.js";
import { checkTerminationAndHumanReply } from "./termination.js";

/** The reply functions that every agent starts with, by AG2's names in camelCase. */
export interface DefaultReplyFunctions {
  /** Ends the conversation, or asks the person (AG2: `check_termination_and_human_reply`). */
  readonly checkTerminationAndHumanReply: ReplyFunction;
  /** Runs the function that a message calls in the API's old style. */
  readonly generateFunctionCallReply: ReplyFunction;
  /** Runs the tools that a message calls. */
  readonly generateToolCallsReply: ReplyFunction;
  /** Calls the model. */
  readonly generateOaiReply: ReplyFunction;
}

/** The reply functions that every agent starts with, in the order in which they are tried. */
export const defaultReplyFunctions: DefaultReplyFunctions = {
  checkTerminationAndHumanReply,
  generateFunctionCallReply,
  generateToolCallsReply,
  generateOaiReply,
};
