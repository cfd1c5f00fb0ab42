"""A group chat that ended is kept as text, put back into new agents, and goes on."""

from autogen import ConversableAgent, GroupChat, GroupChatManager
from recording import llm_config, memory, plain, record


def team():
    user = ConversableAgent("user", llm_config=False, human_input_mode="NEVER")
    planner = ConversableAgent("planner", system_message="You plan.", llm_config=llm_config(), human_input_mode="NEVER")
    coder = ConversableAgent("coder", system_message="You code.", llm_config=llm_config(), human_input_mode="NEVER")
    group = GroupChat(agents=[user, planner, coder], messages=[], max_round=5, speaker_selection_method="round_robin")
    manager = GroupChatManager(groupchat=group, llm_config=False,
                               is_termination_msg=lambda m: "TERMINATE" in (m.get("content") or ""))
    return user, planner, coder, group, manager


def main():
    user, planner, coder, group, manager = team()
    first = user.initiate_chat(manager, message="Reverse a list.")
    kept = manager.messages_to_string(group.messages)

    user, planner, coder, group, manager = team()
    agent, message = manager.resume(messages=kept, remove_termination_string="TERMINATE")
    restored = plain({"last_agent": agent.name, "last_message": message, "messages": group.messages, "memory": memory([user, planner, coder, manager])})
    second = agent.initiate_chat(recipient=manager, message=message, clear_history=False)
    return {"first": first, "restored": restored, "second": second, "messages": group.messages, "memory": memory([user, planner, coder])}


record(main)
