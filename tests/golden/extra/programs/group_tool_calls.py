"""Calls of tools: two members can run it and the model chooses; a text from the model that calls; the old style; nobody can."""

from autogen import ConversableAgent, GroupChat, GroupChatManager
from recording import llm_config, plain, record


def team():
    user = ConversableAgent("user", llm_config=False, human_input_mode="NEVER", description="Asks.", default_auto_reply="Hm.")
    clerk = ConversableAgent("clerk", system_message="You look up.", llm_config=llm_config(), human_input_mode="NEVER", description="Looks up.")
    first = ConversableAgent("first", llm_config=False, human_input_mode="NEVER", description="Runs tools.")
    second = ConversableAgent("second", llm_config=False, human_input_mode="NEVER", description="Runs tools, too.")
    return user, clerk, first, second


def main():
    def stock(item: str) -> str:
        return "12 " + item

    results = {}
    user, clerk, first, second = team()
    clerk.update_tool_signature({"type": "function", "function": {"name": "stock", "description": "How many", "parameters": {"type": "object", "properties": {"item": {"type": "string"}}}}}, is_remove=False)
    for runner in (first, second):
        runner.register_function({"stock": stock})
    group = GroupChat(agents=[user, clerk, first, second], messages=[], max_round=4)
    manager = GroupChatManager(groupchat=group, llm_config=llm_config())
    results["two_can"] = user.initiate_chat(manager, message="Bolts?")
    results["two_can_messages"] = plain(group.messages)

    user, clerk, first, second = team()
    first.register_function({"stock": stock})
    group = GroupChat(agents=[user, first, second], messages=[], max_round=3, speaker_selection_method="round_robin")
    manager = GroupChatManager(groupchat=group, llm_config=False)
    results["old_style"] = user.initiate_chat(manager, message={"function_call": {"name": "stock", "arguments": '{"item": "nuts"}'}, "content": None})
    results["old_style_messages"] = plain(group.messages)

    user, clerk, first, second = team()
    first.register_function({"stock": stock})
    group = GroupChat(agents=[user, first, second], messages=[], max_round=3, speaker_selection_method="round_robin")
    manager = GroupChatManager(groupchat=group, llm_config=False)
    results["unknown_tool"] = user.initiate_chat(manager, message={"function_call": {"name": "other", "arguments": "{}"}, "content": None})

    user, clerk, first, second = team()
    user.register_function({"stock": stock})
    group = GroupChat(agents=[user, first, second], messages=[], max_round=3, speaker_selection_method="round_robin", allow_repeat_speaker=False)
    manager = GroupChatManager(groupchat=group, llm_config=False)
    results["only_the_last_speaker_can"] = user.initiate_chat(manager, message={"function_call": {"name": "stock", "arguments": "{}"}, "content": None})

    user, clerk, first, second = team()
    group = GroupChat(agents=[user, first, second], messages=[], max_round=3, speaker_selection_method="round_robin")
    manager = GroupChatManager(groupchat=group, llm_config=False)
    try:
        user.initiate_chat(manager, message={"function_call": {"name": "stock", "arguments": "{}"}, "content": None})
    except ValueError as error:
        results["nobody_can"] = str(error)
    return results


record(main)
