/** A group chat from its first message to its end (AG2: agentchat/groupchat.py, `GroupChatManager.run_chat`). */

import type { Agent } from "./agent.js";
import { agentState } from "./agent-state.js";
import { clearHistoryCommand } from "./clear-history-command.js";
import type { ConversableAgent } from "./conversable-agent.js";
import { reply } from "./conversation.js";
import { AgentError } from "./errors.js";
import type { GroupChat } from "./group-chat.js";
import type { ChatMessage, MessageInput } from "./message.js";
import type { ReplyFunction } from "./reply-chain.js";
import { bothSignals, type CallContext } from "./scope.js";
import { isNoEligibleSpeaker, SelectionScope } from "./speaker-selection.js";
import { tell } from "./tell.js";

/** What is remembered of whoever manages a group chat. */
export interface Managing {
  /** Who sent the last message to the manager. */
  lastSpeaker: Agent | undefined;
  /** The turns in progress: one for each chat that the manager runs at this moment. */
  readonly turns: Set<AbortController>;
}

const managing = new WeakMap<ConversableAgent, Managing>();

/** What is remembered of `manager`. It need not be a `GroupChatManager`: any agent can have `runGroupChat` as a reply function. */
export function managingOf(manager: ConversableAgent): Managing {
  const known = managing.get(manager) ?? { lastSpeaker: undefined, turns: new Set() };
  managing.set(manager, known);
  return known;
}

/** The reply function that runs the group chat in its `config`. The manager itself has no reply: the chat that began it ends with it. */
export const runGroupChat: ReplyFunction = async (manager, messages, sender, config, context) => {
  const message = messages.at(-1);
  if (message === undefined || sender === undefined) return [false];
  await new GroupChatRun(manager, config as GroupChat, context).run(message, sender);
  return [true, undefined];
};

/** Whose turn it was, and whether there was a reply. */
interface Turn {
  speaker: ConversableAgent;
  hasSpoken: boolean;
}

/** One run of a group chat. */
class GroupChatRun {
  readonly #manager: ConversableAgent;
  readonly #groupChat: GroupChat;
  readonly #context: CallContext;
  readonly #silent: boolean;

  constructor(manager: ConversableAgent, groupChat: GroupChat, context: CallContext) {
    this.#manager = manager;
    this.#groupChat = groupChat;
    this.#context = context;
    this.#silent = context.silent ?? false;
  }

  async run(first: ChatMessage, sender: Agent): Promise<void> {
    const { maxRound, sendIntroductions } = this.#groupChat;
    if (sendIntroductions) await this.#broadcast(this.#groupChat.introductionsMsg(), this.#manager);
    let message = first;
    let speaker = sender;
    for (let round = 1; round <= maxRound; round++) {
      managingOf(this.#manager).lastSpeaker = speaker;
      this.#groupChat.append(message, speaker);
      await this.#broadcast(message, speaker);
      if (await this.#manager.isTerminationMsg(message, this.#context)) {
        return this.#end(`Termination message condition on the GroupChatManager '${this.#manager.name}' met`, speaker);
      }
      if (round === maxRound) return this.#end(`Maximum rounds (${maxRound}) reached`, speaker);
      const next = await this.#turn(speaker);
      if (next === undefined) return this.#end("No next speaker selected", speaker);
      speaker = next.speaker;
      if (!next.hasSpoken) return this.#end("No reply generated", speaker);
      message = this.#manager.lastMessage(speaker) as ChatMessage;
    }
  }

  async #end(terminationReason: string, speaker: Agent): Promise<void> {
    const about = { terminationReason, sender: this.#manager.name, recipient: speaker.name };
    await tell({ type: "termination", ...about }, this.#context.scope, this.#silent);
  }

  /** Sends a message to all members but its speaker. */
  async #broadcast(message: MessageInput, speaker: Agent): Promise<void> {
    const { scope, signal } = this.#context;
    for (const member of this.#groupChat.agents) {
      if (member === speaker) continue;
      await this.#manager.send(message, member, { requestReply: false, silent: true, context: { scope, signal, broadcastOf: speaker } });
    }
  }

  /** Lets the next member speak, or the admin if the turn is interrupted; `undefined` if nobody is to be next. */
  async #turn(lastSpeaker: Agent): Promise<Turn | undefined> {
    const interruption = new AbortController();
    const { turns } = managingOf(this.#manager);
    turns.add(interruption);
    try {
      return await this.#speak(await this.#select(lastSpeaker, interruption.signal), interruption.signal);
    } catch (error) {
      if (isNoEligibleSpeaker(error)) return undefined;
      const isInterrupted = interruption.signal.aborted && error === interruption.signal.reason;
      const admin = isInterrupted ? this.#groupChat.agentByName(this.#groupChat.adminName) : undefined;
      if (admin === undefined) throw error;
      turns.delete(interruption);
      return await this.#speak(admin, undefined);
    } finally {
      turns.delete(interruption);
    }
  }

  async #select(lastSpeaker: Agent, interruption: AbortSignal): Promise<ConversableAgent> {
    const scope = new SelectionScope(this.#groupChat, lastSpeaker, this.#context.scope);
    const signal = bothSignals(this.#context.signal, interruption);
    const context = { scope, signal, silent: this.#silent };
    const speaker = await scope.settle(() => this.#groupChat.selectSpeaker(lastSpeaker, this.#manager, context));
    if (!this.#silent) await tell({ type: "groupChatRunChat", speaker: speaker.name }, this.#context.scope, false);
    return speaker;
  }

  async #speak(speaker: ConversableAgent, interruption: AbortSignal | undefined): Promise<Turn> {
    const signal = bothSignals(this.#context.signal, interruption);
    const hasSpoken = await reply(speaker, this.#manager, speaker[agentState].history.with(this.#manager), this.#context.scope, {
      requestReply: false,
      silent: this.#silent,
      signal,
      amend: async (made, scope) => {
        // A reply that was made in spite of the interruption comes too late.
        signal?.throwIfAborted();
        return this.#groupChat.enableClearHistory ? clearHistoryCommand(made, this.#groupChat, scope) : made;
      },
    });
    return { speaker, hasSpoken };
  }
}

/** Ends the turns in progress of `manager`'s group chats, as `GroupChatManager.interrupt` says; false if there are none. */
export function interruptTurns(manager: ConversableAgent): boolean {
  const { turns } = managingOf(manager);
  for (const turn of turns) {
    turn.abort(new AgentError("interrupted", "the group chat was interrupted: for it to go on, one of its agents must have the name given as `adminName`"));
  }
  return turns.size > 0;
}
