"""What the programs here share: the configuration of the scripted model, and writing down what came out."""

import dataclasses
import json
import os

MODEL = "gpt-4o-mini"


def llm_config(model=MODEL, **extra):
    """An llm_config for the scripted server; each request is made once."""
    entry = {"model": model, "api_key": "test-key", "base_url": os.environ["RECORD_LLM_URL"], "max_retries": 0}
    return {"config_list": [dict(entry, **extra)]}


def scripted_input(lines):
    """Lets the console's input() give these lines, one after the other."""
    import builtins

    left = list(lines)
    builtins.input = lambda *_: left.pop(0)


def memory(agents):
    """What each agent remembers, by the names of both."""
    return {agent.name: {other.name: messages for other, messages in agent.chat_messages.items()} for agent in agents}


def plain(value):
    """A copy of `value` as JSON data, taken at once: what came out shares its messages with the agents, which change them."""
    if hasattr(value, "chat_history"):
        value = {"chat_history": value.chat_history, "summary": value.summary, "cost": value.cost, "human_input": value.human_input}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        value = dataclasses.asdict(value)
    if isinstance(value, dict):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    if isinstance(value, float):
        return float("%.10g" % value)
    return value


def record(main):
    """Runs `main`, which returns what came out by label, and writes it down; so too the exception it ends with."""
    outcome = {"outcome": "ok", "results": None, "exception": None}
    try:
        outcome["results"] = plain(main())
    except BaseException as error:
        outcome.update(outcome="exception", exception={"type": type(error).__name__, "message": str(error)})
    with open(os.environ["RECORD_RESULT"], "w", encoding="utf-8") as file:
        json.dump(outcome, file, ensure_ascii=False, default=str)
