/**
 * Requests as the clients of Python's AG2 0.14 translate them, recorded from `oai_messages_to_anthropic_messages` and
 * `AnthropicClient._prepare_anthropic_params` (oai/anthropic.py) and from `MistralAIClient.parse_params`
 * (oai/mistral.py).
 */

import { TRANSLATIONS_OF_ODD_HISTORIES } from "./translations_of_odd_histories.js";

/** A conversation, and what AG2 makes of it for each API. */
export interface Translation {
  name: string;
  /** Whether the request offers the tool `weather`. */
  hasTools: boolean;
  messages: unknown[];
  anthropic: Record<string, unknown>;
  mistral: unknown[];
}

export const TRANSLATIONS: readonly Translation[] = [
  {
    name: "a system message and a question",
    hasTools: false,
    messages: [
      {
        role: "system",
        content: "Be kind.",
      },
      {
        role: "user",
        content: "Hi.",
      },
    ],
    anthropic: {
      system: "Be kind.",
      messages: [
        {
          role: "user",
          content: "Hi.",
        },
      ],
    },
    mistral: [
      {
        content: "Be kind.",
        role: "system",
      },
      {
        content: "Hi.",
        role: "user",
      },
    ],
  },
  {
    name: "turns in any order",
    hasTools: false,
    messages: [
      {
        role: "system",
        content: "One.",
      },
      {
        role: "assistant",
        content: "Hi.",
        name: "a",
      },
      {
        role: "user",
        content: "",
        name: "b",
      },
      {
        role: "user",
        content: "First.",
        name: "b",
      },
      {
        role: "user",
        content: "Second.",
        name: "c",
      },
      {
        role: "system",
        content: "Two.",
      },
      {
        role: "assistant",
        content: "Last.",
      },
    ],
    anthropic: {
      system: "One.\nTwo.",
      messages: [
        {
          content: "Please continue.",
          role: "user",
        },
        {
          role: "assistant",
          content: "Hi.",
        },
        {
          role: "user",
          content: "First.",
        },
        {
          content: "Please continue.",
          role: "assistant",
        },
        {
          role: "user",
          content: "Second.",
        },
        {
          role: "assistant",
          content: "Last.",
        },
        {
          content: "Please continue.",
          role: "user",
        },
      ],
    },
    mistral: [
      {
        content: "One.",
        role: "system",
      },
      {
        role: "assistant",
        content: "Hi.",
        prefix: false,
      },
      {
        content: "",
        role: "user",
      },
      {
        content: "First.",
        role: "user",
      },
      {
        content: "Second.",
        role: "user",
      },
      {
        content: "Two.",
        role: "system",
      },
      {
        role: "assistant",
        content: "Last.",
        prefix: false,
      },
      {
        content: "Please continue.",
        role: "user",
      },
    ],
  },
  {
    name: "parallel tool calls with their results",
    hasTools: true,
    messages: [
      {
        role: "user",
        content: "Go",
      },
      {
        role: "assistant",
        content: "",
        tool_calls: [
          {
            id: "aaaaaaaa1",
            type: "function",
            function: {
              name: "weather",
              arguments: '{"city": "Paris"}',
            },
          },
          {
            id: "aaaaaaaa2",
            type: "function",
            function: {
              name: "weather",
              arguments: '{"city": "Rome"}',
            },
          },
        ],
      },
      {
        role: "tool",
        tool_call_id: "aaaaaaaa1",
        content: "sunny",
      },
      {
        role: "tool",
        tool_call_id: "aaaaaaaa2",
        content: "wet",
      },
      {
        role: "assistant",
        content: "Done.",
      },
      {
        role: "user",
        content: "More.",
      },
    ],
    anthropic: {
      messages: [
        {
          role: "user",
          content: "Go",
        },
        {
          role: "assistant",
          content: [
            {
              id: "aaaaaaaa1",
              input: {
                city: "Paris",
              },
              name: "weather",
              type: "tool_use",
            },
            {
              id: "aaaaaaaa2",
              input: {
                city: "Rome",
              },
              name: "weather",
              type: "tool_use",
            },
          ],
        },
        {
          role: "user",
          content: [
            {
              type: "tool_result",
              tool_use_id: "aaaaaaaa1",
              content: "sunny",
            },
            {
              type: "tool_result",
              tool_use_id: "aaaaaaaa2",
              content: "wet",
            },
          ],
        },
        {
          role: "assistant",
          content: "Done.",
        },
        {
          role: "user",
          content: "More.",
        },
      ],
      tools: [
        {
          name: "weather",
          description: "W",
          input_schema: {
            type: "object",
            properties: {
              city: {
                type: "string",
              },
            },
            required: ["city"],
          },
        },
      ],
    },
    mistral: [
      {
        content: "Go",
        role: "user",
      },
      {
        role: "assistant",
        content: "",
        tool_calls: [
          {
            function: {
              name: "weather",
              arguments: {
                city: "Paris",
              },
            },
            id: "aaaaaaaa1",
            type: "function",
            index: 0,
          },
          {
            function: {
              name: "weather",
              arguments: {
                city: "Rome",
              },
            },
            id: "aaaaaaaa2",
            type: "function",
            index: 0,
          },
        ],
        prefix: false,
      },
      {
        content: "sunny",
        role: "tool",
        tool_call_id: "aaaaaaaa1",
        name: "weather",
      },
      {
        content: "wet",
        role: "tool",
        tool_call_id: "aaaaaaaa2",
        name: "weather",
      },
      {
        role: "assistant",
        content: "Done.",
        prefix: false,
      },
      {
        content: "More.",
        role: "user",
      },
    ],
  },
  ...TRANSLATIONS_OF_ODD_HISTORIES,
];
