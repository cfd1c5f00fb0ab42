/** An agent that represents a person (AG2: agentchat/user_proxy_agent.py). The descriptions are AG2's (Apache-2.0). */

import { AGENT_OPTIONS, type ConversableAgentOptions, type HumanInputMode } from "./agent-options.js";
import { ConversableAgent } from "./conversable-agent.js";
import { checkOptions } from "../util/options.js";

const DEFAULT_DESCRIPTIONS: Readonly<Record<HumanInputMode, string>> = {
  ALWAYS:
    "An attentive HUMAN user who can answer questions about the task, and can perform tasks such as running Python " +
    "code or inputting command line commands at a Linux terminal and reporting back the execution results.",
  TERMINATE:
    "A user that can run Python code or input command line commands at a Linux terminal and report back the " +
    "execution results.",
  NEVER:
    "A computer terminal that performs no other action than running Python scripts (provided to it quoted in " +
    "```python code blocks), or sh shell scripts (provided to it quoted in ```sh code blocks).",
};

/**
 * A `ConversableAgent` that by default asks a person for every reply and has no model. (AG2's also
 * runs code by default; this one does not.)
 *
 * @example
 * // No person is asked: it runs the tools that the assistant calls, until a message contains TERMINATE.
 * const user = new UserProxyAgent({
 *   name: "user",
 *   humanInputMode: "NEVER",
 *   isTerminationMsg: ({ content }) => content?.includes("TERMINATE") ?? false,
 * });
 */
export class UserProxyAgent extends ConversableAgent {
  /** The default descriptions, by `humanInputMode`. */
  static readonly DEFAULT_USER_PROXY_AGENT_DESCRIPTIONS: Readonly<Record<HumanInputMode, string>> =
    DEFAULT_DESCRIPTIONS;

  /** @throws AgentError if options contradict each other */
  constructor(options: ConversableAgentOptions) {
    checkOptions("UserProxyAgent", options, AGENT_OPTIONS);
    const humanInputMode = options.humanInputMode ?? "ALWAYS";
    super({
      ...options,
      humanInputMode,
      systemMessage: options.systemMessage ?? "",
      description: options.description ?? DEFAULT_DESCRIPTIONS[humanInputMode],
    });
  }
}
