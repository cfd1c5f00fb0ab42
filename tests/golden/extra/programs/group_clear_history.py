"""A person says "clear history", in all its forms, and once within the answer of a tool."""

from autogen import ConversableAgent, GroupChat, GroupChatManager
from recording import memory, plain, record, scripted_input


def agent(name, reply, mode="NEVER"):
    return ConversableAgent(name, human_input_mode=mode, llm_config=False, default_auto_reply=reply)


def main():
    results = {}
    lines = ["clear history. How you doing?", "clear history bob. How you doing?", "Well, clear history 1. How you doing?",
             "CLEAR history bob 1. How you doing?", "clear history 2 alice How you doing?"]
    for line in lines:
        alice, bob = agent("alice", "This is alice."), agent("bob", "This is bob.")
        sam = agent("sam", None, "ALWAYS")
        group = GroupChat(agents=[alice, bob, sam], messages=[], max_round=4, speaker_selection_method="round_robin", enable_clear_history=True)
        manager = GroupChatManager(groupchat=group, llm_config=False)
        scripted_input([line])
        chat = alice.initiate_chat(manager, message="hello")
        results[line] = plain({"chat": {"chat_history": chat.chat_history, "summary": chat.summary}, "memory": memory([alice, bob, sam]), "messages": group.messages})

    alice = agent("alice", "This is alice.")
    bob = agent("bob", {"role": "tool", "content": "Clear history. How you doing?",
                        "tool_responses": [{"tool_call_id": "call_1", "role": "tool", "content": "USER INTERRUPTED"}]})
    group = GroupChat(agents=[alice, bob], messages=[], max_round=2, speaker_selection_method="round_robin", enable_clear_history=True,
                      func_call_filter=False)
    manager = GroupChatManager(groupchat=group, llm_config=False)
    call = {"content": "Calling.", "tool_calls": [{"id": "call_1", "function": {"arguments": "{}", "name": "tool"}, "type": "function"}]}
    alice.initiate_chat(manager, message=call)
    results["tool"] = plain({"memory": memory([alice, bob]), "messages": group.messages})
    return results


record(main)
