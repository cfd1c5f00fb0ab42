"""The model never names exactly one agent: the next in order speaks."""

from autogen import ConversableAgent, GroupChat, GroupChatManager
from recording import llm_config, record


def main():
    results = {}
    for label, retries in (("two_retries", 2), ("no_retry", 0)):
        a = ConversableAgent("a", llm_config=False, human_input_mode="NEVER", description="Asks.")
        b = ConversableAgent("team_lead", system_message="You lead.", llm_config=llm_config(), human_input_mode="NEVER", description="Leads.")
        c = ConversableAgent("c", system_message="You are c.", llm_config=llm_config(), human_input_mode="NEVER", description="Does.")
        group = GroupChat(agents=[a, b, c], messages=[], max_round=2, max_retries_for_selecting_speaker=retries)
        manager = GroupChatManager(groupchat=group, llm_config=llm_config())
        results[label] = a.initiate_chat(manager, message="Go: %s." % label)
    return results


record(main)
