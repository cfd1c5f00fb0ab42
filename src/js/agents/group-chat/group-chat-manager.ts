/** An agent that runs a group chat (AG2: agentchat/groupchat.py, `GroupChatManager`). */

import type { Agent } from "../types.js";
import { AGENT_OPTIONS, type ConversableAgentOptions } from "../agent/agent-options.js";
import { agentState } from "../agent/agent-state.js";
import { prepareChat } from "../chat/chat.js";
import { ConversableAgent } from "../agent/conversable-agent.js";
import { AgentError, invalidOption } from "../util/errors.js";
import { checkOptions, type OptionRules } from "../util/options.js";
import { GroupChat } from "./group-chat.js";
import { interruptTurns, managerState, runGroupChat } from "./group-chat-run.js";
import type { ChatMessage } from "../message/message.js";
import type { ReplyFunction } from "../agent/reply-chain.js";

/** Options of `GroupChatManager`: the group chat and those of an agent. */
export interface GroupChatManagerOptions extends Omit<ConversableAgentOptions, "name"> {
  /** The group chat to run. */
  groupChat: GroupChat;
  /** The manager's name; not given: "chat_manager". */
  name?: string | undefined;
}

const MANAGER_OPTIONS: OptionRules<GroupChatManagerOptions> = { groupChat: "any", ...AGENT_OPTIONS };

/**
 * An agent that handles a message by running a group chat: it sends the message to all members,
 * selects one that replies, sends its reply to the others, and so on. It makes no reply itself, so
 * the chat with it ends with the group chat; its model, if it has one, selects the speakers.
 *
 * @example
 * const groupChat = new GroupChat({ agents: [user, guide, assistant], maxRound: 6 });
 * const manager = new GroupChatManager({ groupChat, llmConfig });
 * const { chatHistory } = await user.initiateChat(manager, { message: "Plan two days in Lisbon." });
 * for (const { name, content } of chatHistory) console.log(name, content);
 */
export class GroupChatManager extends ConversableAgent {
  /**
   * The reply function of every manager. With it any other agent can manage a group chat:
   * `agent.registerReply(() => true, GroupChatManager.runChat, { config: groupChat })`.
   */
  static readonly runChat: ReplyFunction = runGroupChat;

  /** The group chat that the manager runs. */
  readonly groupChat: GroupChat;

  /** @throws AgentError if the manager's `llmConfig` has tools, which it could not run */
  constructor(options: GroupChatManagerOptions) {
    checkOptions("GroupChatManager", options, MANAGER_OPTIONS);
    const { groupChat, ...agentOptions } = options;
    const { llmConfig } = options;
    if (!(groupChat instanceof GroupChat)) throw invalidOption("groupChat", "a `GroupChat`");
    if (llmConfig && (llmConfig.functions?.length || llmConfig.tools?.length)) {
      throw new AgentError(
        "invalid_option",
        "a `GroupChatManager` calls no tools: remove `tools` and `functions` from its `llmConfig`",
      );
    }
    super({
      ...agentOptions,
      name: options.name ?? "chat_manager",
      maxConsecutiveAutoReply: options.maxConsecutiveAutoReply ?? Infinity,
      humanInputMode: options.humanInputMode ?? "NEVER",
      systemMessage: options.systemMessage ?? "Group chat manager.",
    });
    this.groupChat = groupChat;
    this[agentState].prepareMembers = (other, clearHistory, replyAtReceive) => {
      if (clearHistory) groupChat.reset();
      for (const member of groupChat.agents)
        if (member !== other) prepareChat(member, this, clearHistory, replyAtReceive);
    };
    this.registerReply((sender) => sender !== undefined, GroupChatManager.runChat, {
      config: groupChat,
      resetConfig: (config) => (config as GroupChat).reset(),
    });
  }

  /**
   * The agent that the last message is from. Members receive all messages from the manager; here
   * their hooks and reply functions find the original sender.
   */
  get lastSpeaker(): Agent | undefined {
    return managerState(this).lastSpeaker;
  }

  /** The messages of the group chat, for any `agent`: summaries are made of all of them. */
  override chatMessagesForSummary(_agent: Agent): ChatMessage[] {
    return this.groupChat.messages;
  }

  /**
   * Interrupts the member that is speaking, or the selection of the next one: its model calls, tools
   * and questions to persons are aborted, and the member named `adminName` speaks instead. Without
   * such a member the chat fails. (AG2 does this at Ctrl-C, which a page does not have.)
   *
   * @returns whether a turn was in progress
   */
  interrupt(): boolean {
    return interruptTurns(this);
  }
}
