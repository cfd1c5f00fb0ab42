"""Who may speak after whom: forbidden transitions, an agent after which there is nobody, and one with an empty list."""

from autogen import ConversableAgent, GroupChat, GroupChatManager
from recording import llm_config, record


def team():
    def agent(name, config):
        return ConversableAgent(name, system_message="You are %s." % name, llm_config=config, human_input_mode="NEVER")

    return agent("a", False), agent("b", llm_config()), agent("c", llm_config()), agent("d", llm_config())


def main():
    results = {}
    a, b, c, d = team()
    group = GroupChat(agents=[a, b, c, d], messages=[], max_round=3,
                      allowed_or_disallowed_speaker_transitions={a: [a, d], b: [b, a]}, speaker_transitions_type="disallowed")
    manager = GroupChatManager(groupchat=group, llm_config=llm_config())
    results["disallowed"] = a.initiate_chat(manager, message="Disallowed.")

    a, b, c, d = team()
    group = GroupChat(agents=[a, b, c, d], messages=[], max_round=9, speaker_selection_method="round_robin",
                      allowed_or_disallowed_speaker_transitions={a: [c], c: [b]}, speaker_transitions_type="allowed")
    manager = GroupChatManager(groupchat=group, llm_config=False)
    results["nobody_after_b"] = a.initiate_chat(manager, message="Sink.")

    a, b, c, d = team()
    group = GroupChat(agents=[a, b, c, d], messages=[], max_round=4, speaker_selection_method="round_robin",
                      allowed_or_disallowed_speaker_transitions={a: [c], c: [], d: [b], b: [a]}, speaker_transitions_type="allowed")
    manager = GroupChatManager(groupchat=group, llm_config=False)
    results["empty_list"] = a.initiate_chat(manager, message="Empty.")

    outsider = ConversableAgent("outsider", llm_config=False, human_input_mode="NEVER")
    a, b, c, d = team()
    group = GroupChat(agents=[b, c, d], messages=[], max_round=3, speaker_selection_method="round_robin",
                      allowed_or_disallowed_speaker_transitions={b: [d], d: [b]}, speaker_transitions_type="allowed")
    manager = GroupChatManager(groupchat=group, llm_config=False)
    results["from_outside"] = outsider.initiate_chat(manager, message="Outside.")
    return results


record(main)
