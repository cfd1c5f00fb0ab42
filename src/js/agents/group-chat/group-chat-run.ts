/** The run of a group chat (AG2: agentchat/groupchat.py, `GroupChatManager.run_chat`). */

import type { Agent, CallContext } from "../types.js";
import { agentState } from "../agent/agent-state.js";
import type { ConversableAgent } from "../agent/conversable-agent.js";
import { reply } from "../agent/conversation.js";
import { AgentError } from "../util/errors.js";
import type { GroupChat } from "./group-chat.js";
import type { ChatMessage, MessageInput } from "../message/message.js";
import type { ReplyFunction } from "../agent/reply-chain.js";
import { anySignal, type ReplyScope } from "../observe/scope.js";
import { isNoEligibleSpeaker, SelectionScope } from "./speaker-selection.js";
import { emitEvent } from "../observe/emit-event.js";

/** The state of an agent that manages group chats. */
export interface ManagerState {
  /** The agent that sent the last message to the manager. */
  lastSpeaker: Agent | undefined;
  /** The turns in progress: one for each chat that the manager is running. */
  readonly turns: Set<AbortController>;
}

const managing = new WeakMap<ConversableAgent, ManagerState>();

/** The state of `manager`, which may be any agent with the reply function `runGroupChat`. */
export function managerState(manager: ConversableAgent): ManagerState {
  const known = managing.get(manager) ?? { lastSpeaker: undefined, turns: new Set() };
  managing.set(manager, known);
  return known;
}

/** What a pattern does around the turns of its group chat. */
export interface GroupTurns {
  /** The agent that observers get as the speaker; `undefined`: the speaker. */
  reportedAgent(speaker: ConversableAgent): Agent | undefined;
  /** Runs around the making of a reply, and returns the reply. */
  around(
    speaker: ConversableAgent,
    messages: readonly ChatMessage[],
    scope: ReplyScope,
    context: CallContext,
    make: () => Promise<string | ChatMessage | undefined>,
  ): ReturnType<typeof make>;
}

/** A turn of a speaker, and whether it made a reply. */
interface Turn {
  speaker: ConversableAgent;
  hasReply: boolean;
}

/**
 * The reply function that runs the group chat in its `config`. It makes no reply, so the chat with the manager ends
 * too.
 */
export const runGroupChat: ReplyFunction = async (manager, messages, sender, config, context) => {
  const first = messages.at(-1);
  if (first === undefined || sender === undefined) return [false];
  const groupChat = config as GroupChat;
  const { scope, silent = false } = context;
  const state = managerState(manager);

  /** Sends a message to all members but its speaker. */
  const broadcast = async (message: MessageInput, speaker: Agent): Promise<void> => {
    const copy = { scope, signal: context.signal, broadcastOf: speaker };
    for (const member of groupChat.agents) {
      if (member !== speaker) await manager.send(message, member, { requestReply: false, silent: true, context: copy });
    }
  };

  const select = async (lastSpeaker: Agent, signal: AbortSignal | undefined): Promise<ConversableAgent> => {
    const selection = new SelectionScope(groupChat, lastSpeaker, scope);
    const speaker = await selection.run(() =>
      groupChat.selectSpeaker(lastSpeaker, manager, { scope: selection, signal, silent }),
    );
    if (!silent) await emitEvent({ type: "groupChatRunChat", speaker: speaker.name }, scope);
    return speaker;
  };

  const speak = async (speaker: ConversableAgent, signal: AbortSignal | undefined): Promise<Turn> => {
    const { turns } = groupChat;
    const messages = speaker[agentState].history.with(manager);
    const hasReply = await reply(speaker, manager, messages, scope, {
      requestReply: false,
      silent,
      signal,
      reportedAgent: turns?.reportedAgent(speaker),
      around:
        turns &&
        ((own, make) =>
          turns.around(speaker, messages, own, { scope: own, agent: speaker, sender: manager, signal, silent }, make)),
      transformReply: async (made, replyScope) => {
        // A reply that was made after the interruption is dropped.
        signal?.throwIfAborted();
        const { enableClearHistory: command } = groupChat;
        return command ? command(made, groupChat, replyScope) : made;
      },
    });
    return { speaker, hasReply };
  };

  /** Lets the next member speak, or the admin if the turn is interrupted; `undefined` if there is no next speaker. */
  const takeTurn = async (lastSpeaker: Agent): Promise<Turn | undefined> => {
    const interruption = new AbortController();
    const signal = anySignal(context.signal, interruption.signal);
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

  /** Runs the group chat to its end; returns the reason for the end. */
  const runRounds = async (): Promise<string | undefined> => {
    const { maxRound } = groupChat;
    let message = first;
    for (let round = 1; round <= maxRound; round++) {
      state.lastSpeaker = speaker;
      groupChat.append(message, speaker);
      await broadcast(message, speaker);
      if (await manager.isTerminationMsg(message, context))
        return `Termination message condition on the GroupChatManager '${manager.name}' met`;
      if (round === maxRound) return `Maximum rounds (${maxRound}) reached`;
      const turn = await takeTurn(speaker);
      if (turn === undefined) return "No next speaker selected";
      speaker = turn.speaker;
      if (!turn.hasReply) return "No reply generated";
      message = manager.lastMessage(turn.speaker) as ChatMessage;
    }
    return undefined;
  };

  let speaker: Agent = sender;
  if (groupChat.sendIntroductions) await broadcast(groupChat.introductionsMsg(), manager);
  const terminationReason = await runRounds();
  if (terminationReason !== undefined)
    await emitEvent(
      { type: "termination", terminationReason, sender: manager.name, recipient: speaker.name },
      scope,
      silent,
    );
  return [true, undefined];
};

/** Interrupts the turns in progress of `manager`'s group chats; false if there are none. */
export function interruptTurns(manager: ConversableAgent): boolean {
  const { turns } = managerState(manager);
  for (const turn of turns) {
    turn.abort(
      new AgentError(
        "interrupted",
        "the group chat was interrupted: to go on, it needs an agent of the name in `adminName`",
      ),
    );
  }
  return turns.size > 0;
}
