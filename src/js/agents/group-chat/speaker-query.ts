/**
 * Selection of the next speaker by a model, in a chat of two agents: one asks and checks, the other
 * replies with the model (AG2: agentchat/groupchat.py, `GroupChat._auto_select_speaker`,
 * `_validate_speaker_name`, `_mentioned_agents`).
 */

import { ConversableAgent } from "../agent/conversable-agent.js";
import { AgentError } from "../util/errors.js";
import type { GroupChat } from "./group-chat.js";
import { emitEvent } from "../observe/emit-event.js";
import { type ChatMessage, contentText } from "../message/message.js";
import type { ReplyFunction } from "../agent/reply-chain.js";
import type { CallContext } from "../types.js";
import { fillTemplate } from "./select-speaker-prompts.js";

/**
 * The agent that the model names, with up to `maxRetriesForSelectingSpeaker` retries; `undefined` if
 * no response names exactly one.
 *
 * @throws AgentError without a model, and errors of the model's client
 */
export async function querySpeaker(
  groupChat: GroupChat,
  agents: readonly ConversableAgent[],
  selector: ConversableAgent,
  context: CallContext,
): Promise<ConversableAgent | undefined> {
  const llmConfig = groupChat.selectSpeakerAutoLlmConfig || selector.llmConfig;
  if (llmConfig === false) {
    throw new AgentError(
      "missing_llm_config",
      "no model can select the speaker: give the manager an `llmConfig`, or give `selectSpeakerAutoLlmConfig`",
    );
  }
  const attempts = 1 + groupChat.maxRetriesForSelectingSpeaker;
  let attempt = 0;
  let selected: ConversableAgent | undefined;
  const ask = (content: string): ChatMessage => ({
    content,
    name: "checking_agent",
    override_role: groupChat.roleForSelectSpeakerMessages,
  });

  // A response with exactly one name selects that agent, any other one is retried. The chat ends with a message about
  // the outcome.
  const check: ReplyFunction = async (_, messages, __, ___, { scope }) => {
    attempt++;
    const attemptsLeft = attempts - attempt;
    const mentioned = mentionedAgents(contentText(messages.at(-1)?.content), agents);
    const isMultiple = mentioned.length > 1;
    const outcome = isMultiple ? "FailedMultipleAgents" : mentioned.length > 0 ? "Successful" : "FailedNoAgents";
    if (groupChat.selectSpeakerAutoVerbose) {
      await emitEvent(
        { type: `speakerAttempt${outcome}`, mentions: mentioned.map(({ name }) => name), attempt, attemptsLeft },
        scope,
        false,
      );
    }
    if (outcome !== "Successful" && attemptsLeft > 0) {
      return [
        true,
        ask(
          fillTemplate(
            isMultiple ? groupChat.selectSpeakerAutoMultipleTemplate : groupChat.selectSpeakerAutoNoneTemplate,
            agents,
          ),
        ),
      ];
    }
    if (outcome === "Successful") [selected] = mentioned;
    const reason = isMultiple ? "it returned multiple names" : "it did not include any agent names";
    const content = selected
      ? `[AGENT SELECTED]${selected.name}`
      : `[AGENT SELECTION FAILED]Select speaker attempt #${attempt} of ${attempts} failed as ${reason}.`;
    messages.push({ role: "user", content });
    return [true];
  };

  const checking = new ConversableAgent({ name: "checking_agent" });
  checking.registerReply([ConversableAgent, null], check, { removeOtherReplyFuncs: true });
  const messages = withoutLastCalls(groupChat.messages);
  const selecting = new ConversableAgent({
    name: "speaker_selection_agent",
    systemMessage: groupChat.selectSpeakerMsg(agents),
    chatMessages: [[checking, messages]],
    llmConfig,
    humanInputMode: "NEVER",
  });
  const { selectSpeakerTransformMessages: transform } = groupChat;
  if (transform) selecting.registerHook("processAllMessagesBeforeReply", transform);
  const prompt = groupChat.selectSpeakerPrompt(agents);
  const message = prompt === null ? messages.at(-1) : ask(prompt);
  if (message === undefined)
    throw new AgentError("invalid_option", "there is no message to ask about: give `selectSpeakerPromptTemplate`");

  await checking.initiateChat(selecting, {
    message,
    maxTurns: 2 * attempts,
    clearHistory: false,
    silent: !groupChat.selectSpeakerAutoVerbose,
    context,
  });
  return selected;
}

/** The conversation without the calls of its last message: a model rejects calls without responses. */
function withoutLastCalls(messages: readonly ChatMessage[]): ChatMessage[] {
  return messages.map((message, index) => {
    const { function_call: call, tool_calls: calls } = message;
    if (index < messages.length - 1 || (!call && !calls)) return message;
    return { ...message, ...(call && { function_call: null }), ...(calls && { tool_calls: null }) };
  });
}

/** The agents whose names are separate words in `text`; an underscore may also be a space, or be escaped. */
function mentionedAgents(text: string, agents: readonly ConversableAgent[]): ConversableAgent[] {
  return agents.filter(({ name }) => {
    const spellings = [name, name.replaceAll("_", " "), name.replaceAll("_", "\\_")].map((each) =>
      each.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&"),
    );
    return new RegExp(`(?<![\\p{L}\\p{N}_])(?:${spellings.join("|")})(?![\\p{L}\\p{N}_])`, "u").test(text);
  });
}
