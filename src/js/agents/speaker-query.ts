/**
 * A model chooses the next speaker, in a chat of two: one agent that asks and checks, one that
 * answers with the model (AG2: agentchat/groupchat.py, `GroupChat._auto_select_speaker`,
 * `_validate_speaker_name`, `_mentioned_agents`).
 */

import { ConversableAgent } from "./conversable-agent.js";
import { AgentError } from "./errors.js";
import type { GroupChat } from "./group-chat.js";
import { tell } from "./tell.js";
import { type ChatMessage, contentText } from "./message.js";
import type { ReplyFunction } from "./reply-chain.js";
import type { CallContext } from "./scope.js";
import { fillTemplate } from "./select-speaker-prompts.js";

/**
 * The agent that the model names, asked again as often as `maxRetriesForSelectingSpeaker` allows;
 * `undefined` if it never named exactly one.
 *
 * @throws AgentError without a model, and whatever the model's client throws
 */
export async function querySpeaker(
  groupChat: GroupChat,
  agents: readonly ConversableAgent[],
  selector: ConversableAgent,
  context: CallContext,
): Promise<ConversableAgent | undefined> {
  const llmConfig = groupChat.selectSpeakerAutoLlmConfig || selector.llmConfig;
  if (llmConfig === false) {
    throw new AgentError("missing_llm_config", "no model can select the speaker: give the manager an `llmConfig`, or give `selectSpeakerAutoLlmConfig`");
  }
  const attempts = 1 + groupChat.maxRetriesForSelectingSpeaker;
  let attempt = 0;
  let selected: ConversableAgent | undefined;
  const ask = (content: string): ChatMessage => ({ content, name: "checking_agent", override_role: groupChat.roleForSelectSpeakerMessages });

  // Exactly one name is a choice, anything else a reason to ask again. The chat ends after a last line that says how it went.
  const check: ReplyFunction = async (_, messages, __, ___, { scope }) => {
    attempt++;
    const attemptsLeft = attempts - attempt;
    const mentioned = mentionedAgents(contentText(messages.at(-1)?.content), agents);
    const isMultiple = mentioned.length > 1;
    const outcome = isMultiple ? "FailedMultipleAgents" : mentioned.length > 0 ? "Successful" : "FailedNoAgents";
    if (groupChat.selectSpeakerAutoVerbose) {
      await tell({ type: `speakerAttempt${outcome}`, mentions: mentioned.map(({ name }) => name), attempt, attemptsLeft }, scope, false);
    }
    if (outcome !== "Successful" && attemptsLeft > 0) {
      return [true, ask(fillTemplate(isMultiple ? groupChat.selectSpeakerAutoMultipleTemplate : groupChat.selectSpeakerAutoNoneTemplate, agents))];
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
  if (message === undefined) throw new AgentError("invalid_option", "there is no message to ask about: give `selectSpeakerPromptTemplate`");

  await checking.initiateChat(selecting, {
    message,
    maxTurns: 2 * attempts,
    clearHistory: false,
    silent: !groupChat.selectSpeakerAutoVerbose,
    context,
  });
  return selected;
}

/** The conversation with the calls of its last message taken out: a model refuses calls without answers. */
function withoutLastCalls(messages: readonly ChatMessage[]): ChatMessage[] {
  return messages.map((message, index) => {
    const { function_call: call, tool_calls: calls } = message;
    if (index < messages.length - 1 || (!call && !calls)) return message;
    return { ...message, ...(call && { function_call: null }), ...(calls && { tool_calls: null }) };
  });
}

/** The agents whose names stand in `text` as words of their own; an underscore may also be a space, or be escaped. */
function mentionedAgents(text: string, agents: readonly ConversableAgent[]): ConversableAgent[] {
  return agents.filter(({ name }) => {
    const spellings = [name, name.replaceAll("_", " "), name.replaceAll("_", "\\_")].map((each) => each.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&"));
    return new RegExp(`(?<![\\p{L}\\p{N}_])(?:${spellings.join("|")})(?![\\p{L}\\p{N}_])`, "u").test(text);
  });
}
