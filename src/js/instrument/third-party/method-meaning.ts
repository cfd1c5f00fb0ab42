/**
 * The meanings of method names in libraries in the style of AG2 and AutoGen, whatever the spelling:
 * `generateReply`, `generate_reply`, `a_generate_reply`, `_generateReply` and `generateReplyAsync` are one
 * name. AG2's own come from autogen/agentchat/conversable_agent.py and groupchat.py, the others from its
 * ports to TypeScript and to other languages.
 */

import { spellings } from "../fields.js";

/** The operation of a method, as our own agents report it. */
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
  | "submission"
  | "registration";

/** The kind of object that has a method; the same name has different meanings on different kinds. */
export type Kind = "agent" | "group" | "client" | "tool" | "queue";

/** The meaning of a method name. */
export interface MethodMeaning {
  readonly role: Role;
  /** The name, normalized. */
  readonly name: string;
  /** Whether the name alone determines the role. Otherwise the arguments of a call decide. */
  readonly isCertain: boolean;
  /** Of a model call: the format of its messages, by MLflow's name. */
  readonly format?: string | undefined;
}

/** The meaning of a model client's method for model calls. */
export const MODEL_CALL: MethodMeaning = { role: "modelCall", name: "create", isCertain: true };
/** The meaning of a tool's function. */
export const TOOL_CALL: MethodMeaning = { role: "toolCall", name: "tool", isCertain: false };

type Rules = readonly (readonly [Role, RegExp])[];

/** Names that are certain on any kind of object. */
const CERTAIN: Rules = [
  ["chats", matching("(initiate|run)chats|(initiate)?sequentialchats")],
  [
    "chat",
    matching(
      "(initiate|start|begin|run)((nested|group|swarm)?chat|conversation)|" +
        "initialize(chat|conversation)|runsequentialchat|runswarm|twoagentchat|groupchat|chatwith",
    ),
  ],
  [
    "reply",
    matching("generate(reply(stream)?|streamingreply|replies|response)|(create|make|stream)reply|onmessages(stream)?"),
  ],
  [
    "modelCall",
    matching(
      "((create|get|list|stream)?chat|create|get|generate|generatestreaming)completions?|do(generate|stream)|" +
        "getstreamedresponse|completechat|generatereplywithfunctions|(call|invoke|query|ask)(llm|model)|llmcall",
    ),
  ],
  [
    "toolCall",
    matching("(execute|call|run|invoke)(tool|function)|(execute|run|handle)(tool|function)call|(dispatch|use)tool"),
  ],
  [
    "speakerSelection",
    matching(
      "autoselectspeaker|(select|choose|pick)(next)?speaker|(get|determine)?nextspeaker|" +
        "selectnext|(select|pick)?nextagent|selectagent",
    ),
  ],
  ["humanInput", matching("(get|request)(human|user)input|(ask|prompt)(human|user)|gethumanfeedback|humaninput")],
  ["codeExecution", matching("(execute|run)code(blocks?)?")],
];

/**
 * Names for replies of agents without a certain one, in order of precedence: only those of the first pattern
 * that matches count. The last are those of an agent's voice, which its text takes precedence over.
 */
const AGENT_REPLIES = [
  matching("reply|respond|answer|taketurn"),
  matching(
    "(process|handle|on)message|act|step|think|(generate|stream)(text|object)?|getresponse|chat|ask|prompt|" +
      "run(stream)?|invoke|execute|call",
  ),
  matching("speak|say|talk"),
];

/** Names for further turns of an agent, beside the name that makes its replies. */
const AGENT_TURNS = matching("continue|retry|resume|interrupt");

/** Names for the registration of functions and tools, on every kind but tools. */
const REGISTRATION = matching(
  "(register|add|set|attach|define|bind)?(tool)?(function|tool)|(register|add|set|attach|define)(functions|tools)|" +
    "registerfor(execution|llm)",
);

/** Names of methods that pass a message to a queue. */
const SUBMISSION: Rules[number] = [
  "submission",
  matching(
    "(send|publish|post|enqueue|submit|dispatch|push|queue|schedule|broadcast|deliver|emit|add|put)" +
      "(message|task|job|event|request)s?(to)?|send(to)?|publish|post|enqueue|submit|dispatch|push|broadcast|deliver",
  ),
];

/** Names that are certain only on that kind of object. */
const BY_KIND: Readonly<Record<Kind, Rules>> = {
  agent: [["send", matching("send(message|to)?")], ["receive", matching("receive(message)?")], SUBMISSION],
  queue: [SUBMISSION],
  group: [
    SUBMISSION,
    ["reply", matching("reply|taketurn")],
    [
      "chat",
      matching(
        "run(stream)?|start|begin|continue|resume|retry|interrupt|chat|converse|" +
          "discuss|execute|invoke|call|kickoff|runsingletask|solve",
      ),
    ],
  ],
  client: [
    [
      "modelCall",
      matching(
        "create(stream|sync)?|complete(stream)?|completions?|generate(text|object|stream|content(stream)?)?|" +
          "chat(stream)?|stream(text|object|chat)?|getresponse|invoke|call|predict|ask|query|" +
          "(batch)?embed(query|documents?|texts?|contents?|many)?|embeddings?|(create|get|generate)embeddings?",
      ),
    ],
  ],
  tool: [["toolCall", matching("execute|call|invoke|run")]],
};

/** Names for chats of agents that have a certain name for replies. */
const AGENT_CHATS = matching("run(stream)?");

/** The names for which an object is probed that does not list its properties. */
export function probedNames(): string[] {
  const names = spellings(
    "generateReply generateReplyStream onMessages initiateChat send receive run runChat " +
      "executeFunction executeTool callTool selectSpeaker getHumanInput reply respond",
  );
  return names.flatMap((name) => [name, `a_${name}`]);
}

/** A method's name in its normalized spelling. */
export function normalizedName(name: string): string {
  const bare = name.replace(/^[_$#]+/, "").replace(/^a(?:_|(?=[A-Z]))/, "");
  return bare
    .replaceAll("_", "")
    .toLowerCase()
    .replace(/(?<=.)async$/, "");
}

/** The role of a name that is certain on any kind of object. */
export function certainRole(name: string): Role | undefined {
  return roleBy(CERTAIN, name);
}

/** Whether a name has a meaning on any kind of object. */
export function isKnownName(name: string): boolean {
  return (
    certainRole(name) !== undefined ||
    [
      ...AGENT_REPLIES,
      ...Object.values(BY_KIND)
        .flat()
        .map(([, pattern]) => pattern),
    ].some((pattern) => pattern.test(name))
  );
}

/**
 * The meaning of each method of an object, from all of its method names and its kind. Without a kind only names
 * that are certain on any kind count.
 */
export function meanings(names: readonly string[], kind: Kind | undefined): Map<string, MethodMeaning> {
  const normalized = names.map(normalizedName);
  const found = new Map<string, MethodMeaning>();
  const roleOf =
    kind === undefined
      ? () => undefined
      : kind === "agent"
        ? agentRoles(normalized)
        : (name: string) => roleOnKind(kind, name);
  for (const [index, name] of normalized.entries()) {
    const known = certainRole(name);
    const role = known ?? roleOf(name);
    // A model client's "generateResponse" is a model call.
    if (role !== undefined)
      found.set(names[index]!, {
        role: role === "reply" && kind === "client" ? "modelCall" : role,
        name,
        isCertain: known !== undefined,
      });
  }
  return found;
}

/** Whether the calls of a method are operations, and not only pass something on. */
export function isOperation({ role }: MethodMeaning): boolean {
  return role !== "registration" && role !== "submission";
}

/** Whether a model call embeds texts. */
export function isEmbedding({ name }: MethodMeaning): boolean {
  return name.includes("embed");
}

/** Whether a method of a model client is a model call. */
export function isCallOnClient(name: string): boolean {
  const normalized = normalizedName(name);
  return (certainRole(normalized) ?? roleBy(BY_KIND.client, normalized)) === "modelCall";
}

/** The roles of names on an agent with all of these methods. */
function agentRoles(methodNames: readonly string[]): (name: string) => Role | undefined {
  const hasCertainReply = methodNames.some((name) => certainRole(name) === "reply");
  // `processMessage` beside `generateReply` is internal.
  const replies = hasCertainReply
    ? undefined
    : AGENT_REPLIES.find((pattern) => methodNames.some((name) => pattern.test(name)));
  return (name) => {
    if (replies?.test(name) || AGENT_TURNS.test(name)) return "reply";
    const role = roleOnKind("agent", name);
    // Without a method that makes replies, an agent's handling of a received message is its turn.
    if (role === "receive" && !hasCertainReply && replies === undefined) return "turn";
    return role ?? (hasCertainReply && AGENT_CHATS.test(name) ? "chat" : undefined);
  };
}

function roleOnKind(kind: Kind, name: string): Role | undefined {
  return roleBy(BY_KIND[kind], name) ?? (kind !== "tool" && REGISTRATION.test(name) ? "registration" : undefined);
}

function roleBy(rules: Rules, name: string): Role | undefined {
  return rules.find(([, pattern]) => pattern.test(name))?.[0];
}

function matching(pattern: string): RegExp {
  return new RegExp(`^(?:${pattern})$`);
}
