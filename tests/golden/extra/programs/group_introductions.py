"""Introductions, with a question from outside the group; a second chat introduces everybody again."""

from autogen import ConversableAgent, GroupChat, GroupChatManager
from recording import llm_config, memory, plain, record


def main():
    user = ConversableAgent("user", llm_config=False, human_input_mode="NEVER")
    poet = ConversableAgent("poet", system_message="You rhyme.", llm_config=llm_config(), human_input_mode="NEVER", description="Makes verses.")
    critic = ConversableAgent("critic", system_message="You judge.", llm_config=llm_config(), human_input_mode="NEVER")
    group = GroupChat(agents=[poet, critic], messages=[], max_round=3, speaker_selection_method="round_robin", send_introductions=True)
    manager = GroupChatManager(groupchat=group, name="host", llm_config=False)
    first = plain(user.initiate_chat(manager, message="A verse on tea."))
    remembered = plain(memory([poet, critic]))
    second = user.initiate_chat(manager, message="One on milk.", clear_history=False)
    return {"first": first, "memory": remembered, "second": second, "messages": group.messages}


record(main)
