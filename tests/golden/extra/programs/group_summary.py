"""A model summarizes the group's messages; a limit of turns; a reply that is none ends the group chat."""

from autogen import ConversableAgent, GroupChat, GroupChatManager
from recording import llm_config, plain, record


def main():
    results = {}
    user = ConversableAgent("user", llm_config=False, human_input_mode="NEVER", default_auto_reply="Go on.")
    poet = ConversableAgent("poet", system_message="You rhyme.", llm_config=llm_config(), human_input_mode="NEVER")
    critic = ConversableAgent("critic", system_message="You judge.", llm_config=llm_config(), human_input_mode="NEVER")
    group = GroupChat(agents=[user, poet, critic], messages=[], max_round=3, speaker_selection_method="round_robin")
    manager = GroupChatManager(groupchat=group, llm_config=llm_config())
    results["reflection"] = user.initiate_chat(manager, message="A verse.", max_turns=2, summary_method="reflection_with_llm",
                                               summary_args={"summary_role": "user"})
    results["messages"] = plain(group.messages)

    user = ConversableAgent("user", llm_config=False, human_input_mode="NEVER")
    mute = ConversableAgent("mute", llm_config=False, human_input_mode="NEVER", default_auto_reply=None)
    group = GroupChat(agents=[user, mute], messages=[], max_round=5, speaker_selection_method="round_robin")
    manager = GroupChatManager(groupchat=group, llm_config=False)
    mute.register_reply([ConversableAgent, None], lambda recipient, messages, sender, config: (True, None))
    results["no_reply"] = user.initiate_chat(manager, message="Well?")
    return results


record(main)
