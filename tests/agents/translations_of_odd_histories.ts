/**
 * The translations of conversations that the APIs do not accept as they are, recorded like those of
 * `translations_of_ag2.ts`.
 */

import type { Translation } from "./translations_of_ag2.js";

export const TRANSLATIONS_OF_ODD_HISTORIES: readonly Translation[] = [
  {
    name: "tool calls where no tools are offered",
    hasTools: false,
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
        ],
      },
      {
        role: "tool",
        tool_call_id: "aaaaaaaa1",
        content: "sunny",
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
          content: "Some internal function(s) that could be used: [weather]",
        },
        {
          role: "user",
          content: "Running the function returned: sunny",
        },
        {
          content: "Please continue.",
          role: "assistant",
        },
        {
          role: "user",
          content: "More.",
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
        content: "More.",
        role: "user",
      },
    ],
  },
  {
    name: "a tool call without a result",
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
              arguments: "{}",
            },
          },
        ],
      },
    ],
    anthropic: {
      messages: [
        {
          role: "user",
          content: "Go",
        },
        {
          content: "Please continue.",
          role: "assistant",
        },
        {
          content: "Please continue.",
          role: "user",
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
              arguments: {},
            },
            id: "aaaaaaaa1",
            type: "function",
            index: 0,
          },
        ],
        prefix: false,
      },
      {
        content: "Please continue.",
        role: "user",
      },
    ],
  },
  {
    name: "images",
    hasTools: false,
    messages: [
      {
        role: "user",
        content: [
          {
            type: "text",
            text: "What?",
          },
          {
            type: "image_url",
            image_url: {
              url: "data:image/png;base64,AAAA",
            },
          },
          {
            type: "image_url",
            image_url: {
              url: "https://example.org/a.png",
            },
          },
        ],
      },
    ],
    anthropic: {
      messages: [
        {
          role: "user",
          content: [
            {
              type: "text",
              text: "What?",
            },
            {
              type: "image",
              source: {
                type: "base64",
                media_type: "image/png",
                data: "AAAA",
              },
            },
            {
              type: "image",
              source: {
                type: "url",
                url: "https://example.org/a.png",
              },
            },
          ],
        },
      ],
    },
    mistral: [
      {
        content: [
          {
            text: "What?",
            type: "text",
          },
          {
            image_url: {
              url: "data:image/png;base64,AAAA",
            },
            type: "image_url",
          },
          {
            image_url: {
              url: "https://example.org/a.png",
            },
            type: "image_url",
          },
        ],
        role: "user",
      },
    ],
  },
  {
    name: "two messages of the assistant first",
    hasTools: false,
    messages: [
      {
        role: "assistant",
        content: "A",
      },
      {
        role: "assistant",
        content: "B",
      },
      {
        role: "user",
        content: "C",
      },
    ],
    anthropic: {
      messages: [
        {
          content: "Please continue.",
          role: "user",
        },
        {
          role: "assistant",
          content: "A",
        },
        {
          content: "Please continue.",
          role: "user",
        },
        {
          role: "assistant",
          content: "B",
        },
        {
          role: "user",
          content: "C",
        },
      ],
    },
    mistral: [
      {
        role: "assistant",
        content: "A",
        prefix: false,
      },
      {
        role: "assistant",
        content: "B",
        prefix: false,
      },
      {
        content: "C",
        role: "user",
      },
    ],
  },
  {
    name: "a system message in parts",
    hasTools: false,
    messages: [
      {
        role: "system",
        content: [
          {
            type: "text",
            text: "One.",
          },
          {
            type: "text",
            text: "Two.",
          },
        ],
      },
      {
        role: "system",
        content: "Three.",
      },
      {
        role: "user",
        content: "C",
      },
    ],
    anthropic: {
      system: "One. Two.\nThree.",
      messages: [
        {
          role: "user",
          content: "C",
        },
      ],
    },
    mistral: [
      {
        content: [
          {
            text: "One.",
            type: "text",
          },
          {
            text: "Two.",
            type: "text",
          },
        ],
        role: "system",
      },
      {
        content: "Three.",
        role: "system",
      },
      {
        content: "C",
        role: "user",
      },
    ],
  },
];
