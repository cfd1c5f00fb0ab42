/**
 * The prompts for the model that selects the next speaker, and the introductions of members
 * (AG2: agentchat/groupchat.py, `GroupChat.select_speaker_msg`, `select_speaker_prompt`,
 * `introductions_msg`, `_participant_roles`).
 *
 * The default texts are AG2's, including white space, so that models respond as they do there.
 * Copyright (c) 2023 - 2025 AG2ai, Inc., AG2ai open-source projects maintainers and core
 * contributors; Apache-2.0. Portions derived from https://github.com/microsoft/autogen are MIT.
 */

import { AgentError } from "../util/errors.js";
import type { Named } from "../observe/observer.js";
import { replacePlaceholders } from "../message/template.js";
import { warn } from "../util/warn.js";

/** The system message of the selecting model. */
export const SELECT_SPEAKER_MESSAGE_TEMPLATE = `You are in a role play game. The following roles are available:
                {roles}.
                Read the following conversation.
                Then select the next role from {agentlist} to play. Only return the role.`;

/** The prompt after the conversation. */
export const SELECT_SPEAKER_PROMPT_TEMPLATE =
  "Read the above conversation. Then select the next role from {agentlist} to play. Only return the role.";

const RULES = `use these prioritised rules:
    1. If the context refers to themselves as a speaker e.g. "As the..." , choose that speaker's name
    2. If it refers to the "next" speaker name, choose that name
    3. Otherwise, choose the first provided speaker's name in the context
    The names are case-sensitive and should not be abbreviated or changed.`;

const ONLY_THE_NAME = "Respond with ONLY the name of the speaker and DO NOT provide a reason.";

/** The prompt after a response with several names. */
export const SELECT_SPEAKER_AUTO_MULTIPLE_TEMPLATE: string = `You provided more than one name in your text, please \
return just the name of the next speaker. To determine the speaker ${RULES}
    ${ONLY_THE_NAME}`;

/** The prompt after a response without a name. */
export const SELECT_SPEAKER_AUTO_NONE_TEMPLATE: string = `You didn't choose a speaker. As a reminder, to determine the \
speaker ${RULES}
    The only names that are accepted are {agentlist}.
    ${ONLY_THE_NAME}`;

/** The first line of introductions. */
export const DEFAULT_INTRO_MSG =
  "Hello everyone. We have assembled a great team today to answer questions and solve tasks. In attendance are:";

/** The properties of a participant that the texts contain. */
export interface Participant extends Named {
  readonly description: string;
}

/**
 * Fills `{roles}` and `{agentlist}` into a template, like Python's `str.format`; doubled braces
 * become single ones.
 *
 * @throws AgentError for any other name in braces
 */
export function fillTemplate(template: string, agents: readonly Participant[]): string {
  return replacePlaceholders(template, (name) => {
    if (name === "roles") return participantRoles(agents);
    if (name === "agentlist") return agentList(agents);
    throw new AgentError(
      "invalid_option",
      `the template asks for \`{${name}}\`, not \`{roles}\` or \`{agentlist}\`: write \`{{${name}}}\` to keep it`,
    );
  });
}

/** The names in Python's notation of a list, as in AG2's prompts: `['Engineer', 'Scientist']`. */
export function agentList(agents: readonly Named[]): string {
  return `[${agents.map(({ name }) => pythonText(name)).join(", ")}]`;
}

function pythonText(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll("\t", "\\t").replaceAll("\r", "\\r");
  return quote + escaped.replaceAll(quote, `\\${quote}`) + quote;
}

/** One line per agent: its name and its description. */
export function participantRoles(agents: readonly Participant[]): string {
  return agents
    .map(({ name, description }) => {
      if (description.trim() === "") warn(`agent \`${name}\` has an empty description: give it one`);
      return `${name}: ${description}`.trim();
    })
    .join("\n");
}
