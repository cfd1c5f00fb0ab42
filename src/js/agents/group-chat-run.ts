/** A group chat from its first message to its end (AG2: agentchat/groupchat.py, `GroupChatManager.run_chat`). */

import type { Agent } from "./agent.js";
import { agentState } from "./agent-state.js";
import type { ConversableAgent } from "./conversable-agent.js";
import { reply } from "./conversation.js";
import { AgentError } from "./errors.js";
import type { GroupChat } from "./group-chat.js";
import type { ChatMessage, MessageInput } from "./message.js";
import type { ReplyFunction } from "./reply-chain.js";
import { bothSignals } from "./scope.js";
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

/** Whose turn it was, and whether there was a reply. */
interface Turn {
  speaker: ConversableAgent;
  hasSpoken: boolean;
}

/** The reply function that runs the group chat in its `config`. The manager itself has no reply: the chat that began it ends with it. */
export const runGroupChat: ReplyFunction = async (manager, messages, sender, config, context) => {
  const first = messages.at(-1);
  if (first === undefined || sender === undefined) return [false];
  const groupChat = config as GroupChat;
  const { scope, silent = false } = context;
  const state = managingOf(manager);

  /** Sends a message to all members but its speaker. */
  const broadcast = async (message: MessageInput, speaker: Agent): Promise<void> => {
    const copy = { scope, signal: context.signal, broadcastOf: speaker };
    for (const member of groupChat.agents) {
      if (member !== speaker) await manager.send(message, member, { requestReply: false, silent: true, context: copy });
    }
  };

  const select = async (lastSpeaker: Agent, signal: AbortSignal | undefined): Promise<ConversableAgent> => {
    const selection = new SelectionScope(groupChat, lastSpeaker, scope);
    const speaker = await selection.settle(() => groupChat.selectSpeaker(lastSpeaker, manager, { scope: selection, signal, silent }));
    if (!silent) await tell({ type: "groupChatRunChat", speaker: speaker.name }, scope, false);
    return speaker;
  };

  const speak = async (speaker: ConversableAgent, signal: AbortSignal | undefined): Promise<Turn> => {
    const hasSpoken = await reply(speaker, manager, speaker[agentState].history.with(manager), scope, {
      requestReply: false,
      silent,
      signal,
      amend: async (made, replyScope) => {
        // A reply that was made in spite of the interruption comes too late.
        signal?.throwIfAborted();
        const { enableClearHistory: command } = groupChat;
        return command ? command(made, groupChat, replyScope) : made;
      },
    });
    return { speaker, hasSpoken };
  };

  /** Lets the next member speak, or the admin if the turn is interrupted; `undefined` if nobody is to be next. */
  const takeTurn = async (lastSpeaker: Agent): Promise<Turn | undefined> => {
    const interruption = new AbortController();
    const signal = bothSignals(context.signal, interruption.signal);
    state.turns.add(interruption);
    try {
      return await speak(await select(lastSpeaker, signal), signal);
    } catch (error) {
      if (isNoEligibleSpeaker(error)) return undefined;
      const isInterrupted = interruption.signal.aborted && error === interruption.signal.reason;
      const admin = isInterrupted ? groupChat.agentByName(groupChat.adminName) : undefined;
      if (admin === undefined) throw error;
      state.turns.delete(interruption);
      return await speak(admin, context.signal);
    } finally {
      state.turns.delete(interruption);
    }
  };

  /** Goes on until the group chat ends; gives why it ended. */
  const converse = async (): Promise<string | undefined> => {
    const { maxRound } = groupChat;
    let message = first;
    for (let round = 1; round <= maxRound; round++) {
      state.lastSpeaker = speaker;
      groupChat.append(message, speaker);
      await broadcast(message, speaker);
      if (await manager.isTerminationMsg(message, context)) return `Termination message condition on the GroupChatManager '${manager.name}' met`;
      if (round === maxRound) return `Maximum rounds (${maxRound}) reached`;
      const turn = await takeTurn(speaker);
      if (turn === undefined) return "No next speaker selected";
      speaker = turn.speaker;
      if (!turn.hasSpoken) return "No reply generated";
      message = manager.lastMessage(turn.speaker) as ChatMessage;
    }
    return undefined;
  };

  let speaker: Agent = sender;
  if (groupChat.sendIntroductions) await broadcast(groupChat.introductionsMsg(), manager);
  const terminationReason = await converse();
  if (terminationReason !== undefined) await tell({ type: "termination", terminationReason, sender: manager.name, recipient: speaker.name }, scope, silent);
  return [true, undefined];
};

/** Ends the turns in progress of `manager`'s group chats, as `GroupChatManager.interrupt` says; false if there are none. */
export function interruptTurns(manager: ConversableAgent): boolean {
  const { turns } = managingOf(manager);
  for (const turn of turns) {
    turn.abort(new AgentError("interrupted", "the group chat was interrupted: to go on, it needs an agent of the name in `adminName`"));
  }
  return turns.size > 0;
}
