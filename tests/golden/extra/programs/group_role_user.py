"""Questions to the selecting model in the role of the user, with a re-query after no name and one after several."""

from autogen import ConversableAgent, GroupChat, GroupChatManager
from recording import llm_config, record


def main():
    admin = ConversableAgent("Admin", llm_config=False, human_input_mode="NEVER", description="The person who asks.")
    cook = ConversableAgent("Head_cook", system_message="You cook.", llm_config=llm_config(), human_input_mode="NEVER", description="Cooks.")
    waiter = ConversableAgent("O'Waiter", system_message="You serve.", llm_config=llm_config(), human_input_mode="NEVER", description="Serves.")
    group = GroupChat(agents=[admin, cook, waiter], messages=[], max_round=3, role_for_select_speaker_messages="user",
                      select_speaker_auto_llm_config=llm_config("gpt-4o", temperature=0))
    manager = GroupChatManager(groupchat=group, llm_config=llm_config())
    return {"chat": admin.initiate_chat(manager, message="Dinner, please."), "messages": group.messages}


record(main)
