"""Speakers by chance; the transitions leave one for each, so that chance has no choice."""

from autogen import ConversableAgent, GroupChat, GroupChatManager
from recording import llm_config, record


def main():
    a = ConversableAgent("a", llm_config=False, human_input_mode="NEVER")
    b = ConversableAgent("b", system_message="You are b.", llm_config=llm_config(), human_input_mode="NEVER")
    c = ConversableAgent("c", system_message="You are c.", llm_config=llm_config(), human_input_mode="NEVER")
    group = GroupChat(agents=[a, b, c], messages=[], max_round=5, speaker_selection_method="random",
                      allowed_or_disallowed_speaker_transitions={a: [c], c: [b], b: [c]}, speaker_transitions_type="allowed")
    manager = GroupChatManager(groupchat=group, llm_config=False)
    return {"chat": a.initiate_chat(manager, message="Go."), "messages": group.messages}


record(main)
