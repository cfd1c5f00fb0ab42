/**
 * The words by which libraries in the style of AG2 and AutoGen name what they do, whatever the
 * spelling: `generateReply`, `generate_reply`, `a_generate_reply`, `_generateReply` and
 * `generateReplyAsync` are one word. AG2's own come from autogen/agentchat/conversable_agent.py and
 * groupchat.py, the others from its ports to TypeScript and to other languages.
 */

import { spellings } from "../fields.js";

/** What a method does, in terms of what our own agents report. */
export type Role =
  | "chats"
  | "chat"
  | "reply"
  | "turn"
  | "send"
  | "receive"
  | "modelCall"
  | "toolCall"
  | "speakerSelection"
  | "humanInput"
  | "codeExecution"
  | "registration";

/** What kind of thing a method belongs to; the same word means different things on different ones. */
export type Kind = "agent" | "group" | "client" | "tool";

/** What a word means, and how sure that is. */
export interface Meaning {
  readonly role: Role;
  /** The word itself, in its one spelling. */
  readonly word: string;
  /** Whether the word alone says so. Else the arguments of a call decide whether it was meant like that. */
  readonly isSure: boolean;
}

/** What a model client is asked by. */
export const MODEL_CALL: Meaning = { role: "modelCall", word: "create", isSure: true };
/** What a tool does. */
export const TOOL_CALL: Meaning = { role: "toolCall", word: "tool", isSure: false };

type Rules = readonly (readonly [Role, RegExp])[];

/** Sure whatever they belong to. */
const SURE: Rules = [
  ["chats", words("(initiate|run)chats|(initiate)?sequentialchats")],
  [
    "chat",
    words(
      "(initiate|start|begin|run)((nested|group|swarm)?chat|conversation)|initialize(chat|conversation)|runsequentialchat|runswarm|twoagentchat|groupchat|chatwith",
    ),
  ],
  [
    "reply",
    words("generate(reply(stream)?|streamingreply|replies|response)|(create|make|stream)reply|onmessages(stream)?"),
  ],
  [
    "modelCall",
    words(
      "((create|get)?chat|create|get|generate|generatestreaming)completion|completechat|generatereplywithfunctions|(call|invoke|query|ask)(llm|model)|llmcall",
    ),
  ],
  [
    "toolCall",
    words("(execute|call|run|invoke)(tool|function)|(execute|run|handle)(tool|function)call|(dispatch|use)tool"),
  ],
  [
    "speakerSelection",
    words(
      "autoselectspeaker|(select|choose|pick)(next)?speaker|(get|determine)?nextspeaker|selectnext|(select|pick)?nextagent|selectagent",
    ),
  ],
  ["humanInput", words("(get|request)(human|user)input|(ask|prompt)(human|user)|gethumanfeedback|humaninput")],
  ["codeExecution", words("(execute|run)code(blocks?)?")],
];

/** Of agents without a sure word for it, in the order of preference: weaker ones count only where no stronger one is there. */
const AGENT_REPLIES = [
  words("reply|respond|answer|speak|taketurn"),
  words("(process|handle|on)message|act|step|think|generate|chat|ask|run(stream)?|invoke|execute|call"),
];

/** Of everything but tools: something new is to be called from now on. */
const REGISTRATION = words("(register|add)?(function|tool)|(register|add)(functions|tools)|registerforexecution");

/** Sure only on that kind of thing. */
const ON: Readonly<Record<Kind, Rules>> = {
  agent: [
    ["send", words("send(message|to)?")],
    ["receive", words("receive(message)?")],
  ],
  group: [
    ["reply", words("reply|taketurn")],
    [
      "chat",
      words(
        "run(stream)?|start|begin|continue|resume|retry|chat|converse|discuss|execute|invoke|kickoff|runsingletask|solve",
      ),
    ],
  ],
  client: [
    [
      "modelCall",
      words(
        "create(stream|sync)?|complete(stream)?|completions?|generate(text|stream)?|chat(stream)?|stream|invoke|call|predict|ask|query",
      ),
    ],
  ],
  tool: [["toolCall", words("execute|call|invoke|run")]],
};

/** Of agents that make replies by another method. */
const AGENT_CHATS = words("run(stream)?");

/** What to ask an object for that does not show what it has. */
export function probes(): string[] {
  const names = spellings(
    "generateReply generateReplyStream onMessages initiateChat send receive run runChat executeFunction executeTool callTool selectSpeaker getHumanInput reply respond",
  );
  return names.flatMap((name) => [name, `a_${name}`]);
}

/** The one spelling of a method's name. */
export function wordOf(name: string): string {
  const bare = name.replace(/^[_$#]+/, "").replace(/^a(?:_|(?=[A-Z]))/, "");
  return bare
    .replaceAll("_", "")
    .toLowerCase()
    .replace(/(?<=.)async$/, "");
}

/** The role of a word that needs no context. */
export function sureRole(word: string): Role | undefined {
  return roleBy(SURE, word);
}

/** Whether a word means something on some kind of thing. */
export function isKnownWord(word: string): boolean {
  return (
    sureRole(word) !== undefined ||
    [
      ...AGENT_REPLIES,
      ...Object.values(ON)
        .flat()
        .map(([, pattern]) => pattern),
    ].some((pattern) => pattern.test(word))
  );
}

/** What each method of a thing means, from the names of all of them and the kind of the thing. Without a kind only what is sure by itself counts. */
export function meanings(names: readonly string[], kind: Kind | undefined): Map<string, Meaning> {
  const words = names.map(wordOf);
  const found = new Map<string, Meaning>();
  const roleOf =
    kind === undefined ? () => undefined : kind === "agent" ? agentRoles(words) : (word: string) => roleOn(kind, word);
  for (const [index, word] of words.entries()) {
    const known = sureRole(word);
    const role = known ?? roleOf(word);
    // A model client's "generateResponse" is a model call.
    if (role !== undefined)
      found.set(names[index]!, {
        role: role === "reply" && kind === "client" ? "modelCall" : role,
        word,
        isSure: known !== undefined,
      });
  }
  return found;
}

/** Whether a method of what is known to be a model client asks the model. */
export function isCallOnClient(name: string): boolean {
  const word = wordOf(name);
  return (sureRole(word) ?? roleBy(ON.client, word)) === "modelCall";
}

/** What words mean on an agent that has all of these. */
function agentRoles(present: readonly string[]): (word: string) => Role | undefined {
  const hasSureReply = present.some((word) => sureRole(word) === "reply");
  // `processMessage` beside `generateReply` is plumbing.
  const replies = hasSureReply
    ? undefined
    : AGENT_REPLIES.find((pattern) => present.some((word) => pattern.test(word)));
  return (word) => {
    if (replies?.test(word)) return "reply";
    const role = roleOn("agent", word);
    // Without a method that makes replies, what an agent does when it is handed a message is its turn.
    if (role === "receive" && !hasSureReply && replies === undefined) return "turn";
    return role ?? (hasSureReply && AGENT_CHATS.test(word) ? "chat" : undefined);
  };
}

function roleOn(kind: Kind, word: string): Role | undefined {
  return roleBy(ON[kind], word) ?? (kind !== "tool" && REGISTRATION.test(word) ? "registration" : undefined);
}

function roleBy(rules: Rules, word: string): Role | undefined {
  return rules.find(([, pattern]) => pattern.test(word))?.[0];
}

function words(pattern: string): RegExp {
  return new RegExp(`^(?:${pattern})$`);
}
