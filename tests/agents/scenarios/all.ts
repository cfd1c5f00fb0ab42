/** All scenarios by their name. */

import { scenario as agent_as_tool } from "./agent_as_tool.js";
import { scenario as agents_before_autolog } from "./agents_before_autolog.js";
import { scenario as async_chat } from "./async_chat.js";
import { scenario as async_chat_no_tools } from "./async_chat_no_tools.js";
import { scenario as async_groupchat } from "./async_groupchat.js";
import { scenario as async_sequential_chats } from "./async_sequential_chats.js";
import { scenario as async_then_sync } from "./async_then_sync.js";
import { scenario as async_tool_in_sync_chat } from "./async_tool_in_sync_chat.js";
import { scenario as autolog_twice } from "./autolog_twice.js";
import { scenario as big_integer_argument } from "./big_integer_argument.js";
import { scenario as cached_completion } from "./cached_completion.js";
import { scenario as calculator } from "./calculator.js";
import { scenario as calculator_as_is } from "./calculator_as_is.js";
import { scenario as callable_message_summary } from "./callable_message_summary.js";
import { scenario as code_execution } from "./code_execution.js";
import { scenario as context_expressions } from "./context_expressions.js";
import { scenario as context_message } from "./context_message.js";
import { scenario as custom_reply_func } from "./custom_reply_func.js";
import { scenario as generate_reply_direct } from "./generate_reply_direct.js";
import { scenario as generate_reply_then_chat } from "./generate_reply_then_chat.js";
import { scenario as group_after_work } from "./group_after_work.js";
import { scenario as group_async } from "./group_async.js";
import { scenario as group_auto } from "./group_auto.js";
import { scenario as group_auto_selection_message } from "./group_auto_selection_message.js";
import { scenario as group_chat_target } from "./group_chat_target.js";
import { scenario as group_context_conditions } from "./group_context_conditions.js";
import { scenario as group_context_in_tools } from "./group_context_in_tools.js";
import { scenario as group_errors } from "./group_errors.js";
import { scenario as group_function_target } from "./group_function_target.js";
import { scenario as group_guardrail_llm } from "./group_guardrail_llm.js";
import { scenario as group_guardrail_regex } from "./group_guardrail_regex.js";
import { scenario as group_handoff_and_tool } from "./group_handoff_and_tool.js";
import { scenario as group_keep_transit } from "./group_keep_transit.js";
import { scenario as group_llm_conditions } from "./group_llm_conditions.js";
import { scenario as group_manager_target } from "./group_manager_target.js";
import { scenario as group_manual } from "./group_manual.js";
import { scenario as group_nested_target } from "./group_nested_target.js";
import { scenario as group_pattern } from "./group_pattern.js";
import { scenario as group_reply_result } from "./group_reply_result.js";
import { scenario as group_resume } from "./group_resume.js";
import { scenario as group_revert_to_user } from "./group_revert_to_user.js";
import { scenario as group_round_robin } from "./group_round_robin.js";
import { scenario as group_run } from "./group_run.js";
import { scenario as group_stay_target } from "./group_stay_target.js";
import { scenario as group_structured_output } from "./group_structured_output.js";
import { scenario as group_system_message } from "./group_system_message.js";
import { scenario as group_tool_classes } from "./group_tool_classes.js";
import { scenario as group_tools_of_two_agents } from "./group_tools_of_two_agents.js";
import { scenario as group_unknown_handoff } from "./group_unknown_handoff.js";
import { scenario as groupchat_auto } from "./groupchat_auto.js";
import { scenario as groupchat_custom_manager_name } from "./groupchat_custom_manager_name.js";
import { scenario as groupchat_round_robin } from "./groupchat_round_robin.js";
import { scenario as groupchat_tools } from "./groupchat_tools.js";
import { scenario as human_input_always } from "./human_input_always.js";
import { scenario as human_input_never_default_reply } from "./human_input_never_default_reply.js";
import { scenario as interrupt_in_reply } from "./interrupt_in_reply.js";
import { scenario as interrupt_in_tool } from "./interrupt_in_tool.js";
import { scenario as legacy_function_call } from "./legacy_function_call.js";
import { scenario as llm_connection_drop } from "./llm_connection_drop.js";
import { scenario as llm_error } from "./llm_error.js";
import { scenario as llm_error_500 } from "./llm_error_500.js";
import { scenario as llm_fallback } from "./llm_fallback.js";
import { scenario as llm_malformed } from "./llm_malformed.js";
import { scenario as llm_retry } from "./llm_retry.js";
import { scenario as llm_timeout } from "./llm_timeout.js";
import { scenario as manual_parent_span } from "./manual_parent_span.js";
import { scenario as multimodal_message } from "./multimodal_message.js";
import { scenario as nested_chats } from "./nested_chats.js";
import { scenario as openai_autolog_combined } from "./openai_autolog_combined.js";
import { scenario as openai_wrapper_direct } from "./openai_wrapper_direct.js";
import { scenario as parallel_tool_calls } from "./parallel_tool_calls.js";
import { scenario as reply_func_error } from "./reply_func_error.js";
import { scenario as run_api } from "./run_api.js";
import { scenario as sequential_chats } from "./sequential_chats.js";
import { scenario as streaming } from "./streaming.js";
import { scenario as streaming_drop } from "./streaming_drop.js";
import { scenario as streaming_no_usage } from "./streaming_no_usage.js";
import { scenario as termination_reasons } from "./termination_reasons.js";
import { scenario as tool_error } from "./tool_error.js";
import { scenario as tool_missing_argument } from "./tool_missing_argument.js";
import { scenario as tool_renamed } from "./tool_renamed.js";
import { scenario as tool_return_types } from "./tool_return_types.js";
import { scenario as tool_unknown_and_bad_json } from "./tool_unknown_and_bad_json.js";
import { scenario as two_agent_joke } from "./two_agent_joke.js";
import { scenario as two_chats_concurrent } from "./two_chats_concurrent.js";
import { scenario as two_chats_same_agents } from "./two_chats_same_agents.js";
import { scenario as two_chats_threads } from "./two_chats_threads.js";
import { scenario as unicode_and_large } from "./unicode_and_large.js";
import { scenario as usage_details } from "./usage_details.js";
import type { Scenario } from "./fixtures.js";

export const scenarios: Readonly<Record<string, Scenario>> = {
  agent_as_tool,
  agents_before_autolog,
  async_chat,
  async_chat_no_tools,
  async_groupchat,
  async_sequential_chats,
  async_then_sync,
  async_tool_in_sync_chat,
  autolog_twice,
  big_integer_argument,
  cached_completion,
  calculator,
  calculator_as_is,
  callable_message_summary,
  code_execution,
  context_expressions,
  context_message,
  custom_reply_func,
  generate_reply_direct,
  generate_reply_then_chat,
  group_after_work,
  group_async,
  group_auto,
  group_auto_selection_message,
  group_chat_target,
  group_context_conditions,
  group_context_in_tools,
  group_errors,
  group_function_target,
  group_guardrail_llm,
  group_guardrail_regex,
  group_handoff_and_tool,
  group_keep_transit,
  group_llm_conditions,
  group_manager_target,
  group_manual,
  group_nested_target,
  group_pattern,
  group_reply_result,
  group_resume,
  group_revert_to_user,
  group_round_robin,
  group_run,
  group_stay_target,
  group_structured_output,
  group_system_message,
  group_tool_classes,
  group_tools_of_two_agents,
  group_unknown_handoff,
  groupchat_auto,
  groupchat_custom_manager_name,
  groupchat_round_robin,
  groupchat_tools,
  human_input_always,
  human_input_never_default_reply,
  interrupt_in_reply,
  interrupt_in_tool,
  legacy_function_call,
  llm_connection_drop,
  llm_error,
  llm_error_500,
  llm_fallback,
  llm_malformed,
  llm_retry,
  llm_timeout,
  manual_parent_span,
  multimodal_message,
  nested_chats,
  openai_autolog_combined,
  openai_wrapper_direct,
  parallel_tool_calls,
  reply_func_error,
  run_api,
  sequential_chats,
  streaming,
  streaming_drop,
  streaming_no_usage,
  termination_reasons,
  tool_error,
  tool_missing_argument,
  tool_renamed,
  tool_return_types,
  tool_unknown_and_bad_json,
  two_agent_joke,
  two_chats_concurrent,
  two_chats_same_agents,
  two_chats_threads,
  unicode_and_large,
  usage_details,
};
