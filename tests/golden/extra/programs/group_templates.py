"""Texts of one's own for the selecting model; without a question the last message stands in for it."""

from autogen import ConversableAgent, GroupChat, GroupChatManager
from recording import llm_config, record


def main():
    results = {}
    for label, prompt in (("no_prompt", None), ("empty_prompt", ""), ("own_prompt", "Who is next of {agentlist}? {roles} stays.")):
        a = ConversableAgent("a", llm_config=False, human_input_mode="NEVER", description="Asks.")
        b = ConversableAgent("b", system_message="You are b.", llm_config=llm_config(), human_input_mode="NEVER", description="Builds.")
        c = ConversableAgent("c", system_message="You are c.", llm_config=llm_config(), human_input_mode="NEVER", description="Checks.")
        group = GroupChat(agents=[a, b, c], messages=[], max_round=2, allow_repeat_speaker=[b],
                          select_speaker_message_template="Choose from {agentlist}:\n{roles}\nAs {{\"next\": name}}.",
                          select_speaker_prompt_template=prompt,
                          select_speaker_auto_multiple_template="Too many of {agentlist}.",
                          select_speaker_auto_none_template="None of {agentlist}.")
        manager = GroupChatManager(groupchat=group, llm_config=llm_config())
        results[label] = a.initiate_chat(manager, message="Go: %s." % label)
        results[label + "_is_none"] = group.select_speaker_prompt() is None
    return results


record(main)
