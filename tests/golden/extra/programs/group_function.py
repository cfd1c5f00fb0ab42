"""A function chooses: an agent, a method by name (twice), and nobody."""

from autogen import ConversableAgent, GroupChat, GroupChatManager
from recording import llm_config, record


def main():
    a = ConversableAgent("a", llm_config=False, human_input_mode="NEVER", description="Asks.")
    b = ConversableAgent("b", system_message="You are b.", llm_config=llm_config(), human_input_mode="NEVER")
    c = ConversableAgent("c", system_message="You are c.", llm_config=llm_config(), human_input_mode="NEVER", description="Answers.")
    asked = []

    def choose(last_speaker, groupchat):
        asked.append([last_speaker.name, len(groupchat.messages)])
        return [c, "round_robin", "auto", None][len(asked) - 1]

    group = GroupChat(agents=[a, b, c], messages=[], max_round=9, speaker_selection_method=choose)
    manager = GroupChatManager(groupchat=group, llm_config=llm_config())
    return {"chat": a.initiate_chat(manager, message="Go."), "asked": asked, "last_speaker": manager.last_speaker.name}


record(main)
