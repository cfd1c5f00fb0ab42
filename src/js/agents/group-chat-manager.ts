/** The agent that runs a group chat (AG2: agentchat/groupchat.py, `GroupChatManager`). */

import type { Agent } from "./agent.js";
import type { ConversableAgentOptions } from "./agent-options.js";
import { agentState } from "./agent-state.js";
import { prepareChat } from "./chat.js";
import { ConversableAgent } from "./conversable-agent.js";
import { AgentError, mustBe } from "./errors.js";
import { GroupChat } from "./group-chat.js";
import { interruptTurns, managingOf, runGroupChat } from "./group-chat-run.js";
import type { ChatMessage } from "./message.js";
import type { ReplyFunction } from "./reply-chain.js";

/** Options of `GroupChatManager`: those of an agent, of which only the name has to be given elsewhere. */
export interface GroupChatManagerOptions extends Omit<ConversableAgentOptions, "name"> {
  /** The group chat to run. */
  groupChat: GroupChat;
  /** Not given: "chat_manager". */
  name?: string | undefined;
}

/**
 * An agent that answers a message by running a group chat: it passes the message on to all members,
 * lets one of them speak, passes that on, and so forth. It says nothing itself, so the chat with it
 * ends with the group chat; its model, if it has one, chooses the speakers.
 *
 * @example
 * const groupChat = new GroupChat({ agents: [user, guide, assistant], maxRound: 6 });
 * const manager = new GroupChatManager({ groupChat, llmConfig });
 * const { chatHistory } = await user.initiateChat(manager, { message: "Plan two days in Lisbon." });
 * for (const { name, content } of chatHistory) console.log(name, content);
 */
export class GroupChatManager extends ConversableAgent {
  /**
   * The reply function of every manager. Any other agent manages a group chat with it, too:
   * `agent.registerReply(() => true, GroupChatManager.runChat, { config: groupChat })`.
   */
  static readonly runChat: ReplyFunction = runGroupChat;

  /** The group chat that it runs; `messages` of it is what all members know. */
  readonly groupChat: GroupChat;

  /** @throws AgentError when the manager's model is to call tools: whom would it answer? */
  constructor(options: GroupChatManagerOptions) {
    const { groupChat, llmConfig } = options;
    if (!(groupChat instanceof GroupChat)) throw mustBe("groupChat", "a `GroupChat`");
    if (llmConfig && (llmConfig.functions?.length || llmConfig.tools?.length)) {
      throw new AgentError("invalid_option", "a `GroupChatManager` calls no tools: remove `tools` and `functions` from its `llmConfig`");
    }
    super({
      ...options,
      name: options.name ?? "chat_manager",
      maxConsecutiveAutoReply: options.maxConsecutiveAutoReply ?? Infinity,
      humanInputMode: options.humanInputMode ?? "NEVER",
      systemMessage: options.systemMessage ?? "Group chat manager.",
    });
    this.groupChat = groupChat;
    this[agentState].prepareMembers = (other, clearHistory, replyAtReceive) => {
      if (clearHistory) groupChat.reset();
      for (const member of groupChat.agents) if (member !== other) prepareChat(member, this, clearHistory, replyAtReceive);
    };
    this.registerReply((sender) => sender !== undefined, GroupChatManager.runChat, {
      config: groupChat,
      resetConfig: (config) => (config as GroupChat).reset(),
    });
  }

  /**
   * Who sent the last message. Members get all messages from the manager; a hook or reply function
   * of theirs learns here who really spoke.
   */
  get lastSpeaker(): Agent | undefined {
    return managingOf(this).lastSpeaker;
  }

  /** The messages of the group chat, whoever `agent` is: a summary is made of all of them. */
  override chatMessagesForSummary(_agent: Agent): ChatMessage[] {
    return this.groupChat.messages;
  }

  /**
   * Interrupts the member that is speaking, or the choice of the next one: its model calls, tools
   * and questions to persons end, and the member named as `adminName` speaks instead. Without such a
   * member the chat fails. (AG2 does this at Ctrl-C, which a page does not have.)
   *
   * @returns whether there was anything to interrupt
   */
  interrupt(): boolean {
    return interruptTurns(this);
  }
}
