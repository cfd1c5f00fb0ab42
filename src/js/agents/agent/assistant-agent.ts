/** An agent that solves tasks with a model (AG2: agentchat/assistant_agent.py). */

import { AGENT_OPTIONS, type ConversableAgentOptions } from "./agent-options.js";
import { ConversableAgent } from "./conversable-agent.js";
import { checkOptions } from "../util/options.js";

/**
 * AG2's text, unchanged, including the white space at its end.
 * Copyright (c) 2023 - 2025 AG2ai, Inc., AG2ai open-source projects maintainers and core
 * contributors; Apache-2.0. Portions derived from https://github.com/microsoft/autogen are MIT.
 */
const DEFAULT_SYSTEM_MESSAGE = `You are a helpful AI assistant.
Solve tasks using your coding and language skills.
In the following cases, suggest python code (in a python coding block) or shell script (in a sh coding block) for the \
user to execute.
    1. When you need to collect info, use the code to output the info you need, for example, browse or search the \
web, download/read a file, print the content of a webpage or a file, get the current date/time, check the operating \
system. After sufficient info is printed and the task is ready to be solved based on your language skill, you can \
solve the task by yourself.
    2. When you need to perform some task with code, use the code to perform the task and output the result. Finish \
the task smartly.
Solve the task step by step if you need to. If a plan is not provided, explain your plan first. Be clear which step \
uses code, and which step uses your language skill.
When using code, you must indicate the script type in the code block. The user cannot provide any other feedback or \
perform any other action beyond executing the code you suggest. The user can't modify your code. So do not suggest \
incomplete code which requires users to modify. Don't use a code block if it's not intended to be executed by the user.
If you want the user to save the code in a file before executing it, put # filename: <filename> inside the code block \
as the first line. Don't include multiple code blocks in one response. Do not ask users to copy and paste the result. \
Instead, use 'print' function for the output when relevant. Check the execution result returned by the user.
If the result indicates there is an error, fix the error and output the code again. Suggest the full code instead of \
partial code or code changes. If the error can't be fixed or if the task is not solved even after the code is \
executed successfully, analyze the problem, revisit your assumption, collect additional info you need, and think of a \
different approach to try.
When you find an answer, verify the answer carefully. Include verifiable evidence in your response if possible.
Reply "TERMINATE" in the end when everything is done.
    `;

const DEFAULT_DESCRIPTION =
  "A helpful and general-purpose AI assistant that has strong language skills, Python skills, " +
  "and Linux command line skills.";

/**
 * A `ConversableAgent` that never asks a person, and whose default system message is to solve tasks
 * with code that the other side runs.
 *
 * @example
 * const assistant = new AssistantAgent({
 *   name: "assistant",
 *   systemMessage: "You answer in one sentence. Say TERMINATE when the task is done.",
 *   llmConfig: { model: "gpt-4o-mini", temperature: 0 },
 * });
 * const { summary } = await user.initiateChat(assistant, { message: "Why is the sky blue?", maxTurns: 1 });
 */
export class AssistantAgent extends ConversableAgent {
  /** The default system message. */
  static readonly DEFAULT_SYSTEM_MESSAGE: string = DEFAULT_SYSTEM_MESSAGE;
  /** The description of an agent with the default system message. */
  static readonly DEFAULT_DESCRIPTION: string = DEFAULT_DESCRIPTION;

  /** @throws AgentError if options contradict each other */
  constructor(options: ConversableAgentOptions) {
    checkOptions("AssistantAgent", options, AGENT_OPTIONS);
    const { systemMessage = DEFAULT_SYSTEM_MESSAGE } = options;
    const isDefault = systemMessage === DEFAULT_SYSTEM_MESSAGE;
    super({
      ...options,
      systemMessage,
      humanInputMode: options.humanInputMode ?? "NEVER",
      description: options.description ?? (isDefault ? DEFAULT_DESCRIPTION : undefined),
    });
  }
}
