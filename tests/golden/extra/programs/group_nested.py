"""An agent whose reply is a group chat of its own team, within a group chat."""

from autogen import ConversableAgent, GroupChat, GroupChatManager
from recording import llm_config, record


def main():
    user = ConversableAgent("user", llm_config=False, human_input_mode="NEVER")
    lead = ConversableAgent("lead", llm_config=False, human_input_mode="NEVER")
    poet = ConversableAgent("poet", system_message="You rhyme.", llm_config=llm_config(), human_input_mode="NEVER")
    critic = ConversableAgent("critic", system_message="You judge.", llm_config=llm_config(), human_input_mode="NEVER")
    inner = GroupChatManager(groupchat=GroupChat(agents=[lead, poet, critic], messages=[], max_round=3, speaker_selection_method="round_robin"),
                             name="inner", llm_config=False)
    printer = ConversableAgent("printer", system_message="You print.", llm_config=llm_config(), human_input_mode="NEVER")
    group = GroupChat(agents=[user, lead, printer], messages=[], max_round=3, speaker_selection_method="round_robin")
    outer = GroupChatManager(groupchat=group, name="outer", llm_config=False)
    lead.register_nested_chats(
        [{"recipient": inner, "message": lambda recipient, messages, sender, config: "For the team: " + messages[-1]["content"], "summary_method": "last_msg"}],
        trigger=outer)
    return {"chat": user.initiate_chat(outer, message="A verse on tea."), "messages": group.messages}


record(main)
