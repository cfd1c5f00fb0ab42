/**
 * A model chooses the next speaker, in a chat of two: one agent that asks and checks, one that
 * answers with the model (AG2: agentchat/groupchat.py, `GroupChat._auto_select_speaker`,
 * `_validate_speaker_name`, `_mentioned_agents`).
 */

import { ConversableAgent } from "./conversable-agent.js";
import { AgentError } from "./errors.js";
import type { GroupChat } from "./group-chat.js";
import { tellOfGroup } from "./group-chat-events.js";
import { type ChatMessage, contentText, type MessageInput } from "./message.js";
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
    throw new AgentError(
      "missing_llm_config",
      "there is no model to select the speaker with: give the `GroupChatManager` an `llmConfig`, or the `GroupChat` a `selectSpeakerAutoLlmConfig`",
    );
  }
  const attempts = 1 + groupChat.maxRetriesForSelectingSpeaker;
  const check = new AnswerCheck(groupChat, agents, attempts);
  const checking = new ConversableAgent({ name: "checking_agent" });
  checking.registerReply([ConversableAgent, null], check.reply, { removeOtherReplyFuncs: true });
  const messages = withoutLastCalls(groupChat.messages);
  const selecting = new ConversableAgent({
    name: "speaker_selection_agent",
    systemMessage: groupChat.selectSpeakerMsg(agents),
    chatMessages: [[checking, messages]],
    llmConfig,
    humanInputMode: "NEVER",
  });
  const { selectSpeakerTransformMessages: transform } = groupChat;
  if (transform !== undefined) selecting.registerHook("processAllMessagesBeforeReply", transform);

  await checking.initiateChat(selecting, {
    message: question(groupChat, agents, messages),
    maxTurns: 2 * attempts,
    clearHistory: false,
    silent: !groupChat.selectSpeakerAutoVerbose,
    context,
  });
  return check.selected;
}

/** The conversation with the calls of its last message taken out: a model refuses calls without answers. */
function withoutLastCalls(messages: readonly ChatMessage[]): ChatMessage[] {
  const copies = [...messages];
  const last = copies.at(-1);
  if (last?.function_call || last?.tool_calls) {
    copies[copies.length - 1] = { ...last, ...(last.function_call && { function_call: null }), ...(last.tool_calls && { tool_calls: null }) };
  }
  return copies;
}

function question(groupChat: GroupChat, agents: readonly ConversableAgent[], messages: readonly ChatMessage[]): MessageInput {
  const content = groupChat.selectSpeakerPrompt(agents);
  if (content !== null) return ask(groupChat, content);
  const last = messages.at(-1);
  if (last === undefined) throw new AgentError("invalid_option", "without a message there is nothing to ask about: give `selectSpeakerPromptTemplate`");
  return last;
}

function ask({ roleForSelectSpeakerMessages }: GroupChat, content: string): ChatMessage {
  return { content, name: "checking_agent", override_role: roleForSelectSpeakerMessages };
}

/** Looks at each answer of the model: exactly one name is a choice, anything else a reason to ask again. */
class AnswerCheck {
  /** The choice, once there is one. */
  selected: ConversableAgent | undefined;
  readonly #groupChat: GroupChat;
  readonly #agents: readonly ConversableAgent[];
  readonly #attempts: number;
  #attempt = 0;

  constructor(groupChat: GroupChat, agents: readonly ConversableAgent[], attempts: number) {
    this.#groupChat = groupChat;
    this.#agents = agents;
    this.#attempts = attempts;
  }

  /** Ends the chat, after a last line that says how it went, or asks again. */
  readonly reply: ReplyFunction = async (_, messages, __, ___, { scope }) => {
    const groupChat = this.#groupChat;
    const attempt = ++this.#attempt;
    const attemptsLeft = this.#attempts - attempt;
    const mentioned = mentionedAgents(contentText(messages.at(-1)?.content), this.#agents);
    const outcome = mentioned.length === 1 ? "Successful" : mentioned.length > 1 ? "FailedMultipleAgents" : "FailedNoAgents";
    if (groupChat.selectSpeakerAutoVerbose) {
      const mentions = mentioned.map(({ name }) => name);
      await tellOfGroup({ type: `speakerAttempt${outcome}`, mentions, attempt, attemptsLeft }, scope, false);
    }
    if (outcome === "Successful") {
      [this.selected] = mentioned;
      messages.push({ role: "user", content: `[AGENT SELECTED]${this.selected?.name}` });
      return [true, undefined];
    }
    const isMultiple = outcome === "FailedMultipleAgents";
    if (attemptsLeft > 0) {
      const template = isMultiple ? groupChat.selectSpeakerAutoMultipleTemplate : groupChat.selectSpeakerAutoNoneTemplate;
      return [true, ask(groupChat, fillTemplate(template, this.#agents))];
    }
    const reason = isMultiple ? "it returned multiple names" : "it did not include any agent names";
    messages.push({ role: "user", content: `[AGENT SELECTION FAILED]Select speaker attempt #${attempt} of ${this.#attempts} failed as ${reason}.` });
    return [true, undefined];
  };
}

/** The agents whose names stand in `text` as words of their own; an underscore may also be a space, or be escaped. */
function mentionedAgents(text: string, agents: readonly ConversableAgent[]): ConversableAgent[] {
  return agents.filter(({ name }) => {
    const spellings = [name, name.replaceAll("_", " "), name.replaceAll("_", "\\_")].map((each) => each.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&"));
    return new RegExp(`(?<![\\p{L}\\p{N}_])(?:${spellings.join("|")})(?![\\p{L}\\p{N}_])`, "u").test(text);
  });
}
