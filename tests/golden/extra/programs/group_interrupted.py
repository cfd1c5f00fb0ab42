"""Ctrl-C while a member speaks: the admin takes over; without an admin the chat fails."""

from autogen import Agent, ConversableAgent, GroupChat, GroupChatManager
from recording import llm_config, plain, record


def main():
    results = {}
    for label, name in (("with_admin", "Admin"), ("without_admin", "boss")):
        user = ConversableAgent("user", llm_config=False, human_input_mode="NEVER", default_auto_reply="Hm.")
        admin = ConversableAgent(name, llm_config=False, human_input_mode="NEVER", default_auto_reply="I take over.")
        coder = ConversableAgent("coder", system_message="You code.", llm_config=llm_config(), human_input_mode="NEVER")

        def interrupted(recipient, messages, sender, config):
            if len(messages) == 1:
                raise KeyboardInterrupt
            return False, None

        coder.register_reply([Agent, None], interrupted)
        group = GroupChat(agents=[user, coder, admin], messages=[], max_round=5, speaker_selection_method="round_robin")
        manager = GroupChatManager(groupchat=group, llm_config=False)
        try:
            results[label] = user.initiate_chat(manager, message="Begin.")
        except KeyboardInterrupt:
            results[label] = "interrupted"
        results[label + "_messages"] = plain(group.messages)
    return results


record(main)
