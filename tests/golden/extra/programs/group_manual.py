"""A person chooses: by number, wrongly, not at all; with a function that asks for it, the model steps in."""

from autogen import ConversableAgent, GroupChat, GroupChatManager
from recording import llm_config, record, scripted_input


def team():
    return [ConversableAgent(name, human_input_mode="NEVER", llm_config=False, default_auto_reply="This is %s." % name, description=name.upper())
            for name in ("a", "b", "c")]


def main():
    results = {}
    for label, lines in {"number": ["2", "1", "3"], "wrong": ["x", "10", "0", "3", "q"], "nothing": ["", "q", ""]}.items():
        a, b, c = team()
        group = GroupChat(agents=[a, b, c], messages=[], max_round=4, speaker_selection_method="manual")
        manager = GroupChatManager(groupchat=group, llm_config=False)
        scripted_input(lines)
        results[label] = a.initiate_chat(manager, message="Go.")

    a, b, c = team()
    group = GroupChat(agents=[a, b, c], messages=[], max_round=2, speaker_selection_method=lambda last, group: "manual")
    manager = GroupChatManager(groupchat=group, llm_config=llm_config())
    scripted_input(["q"])
    results["by_function"] = a.initiate_chat(manager, message="Go.")
    return results


record(main)
