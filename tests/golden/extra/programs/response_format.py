"""What AG2 makes of `response_format`: pydantic models and JSON schemas, in an entry, on top, and of one request."""

import copy
import enum
from typing import Literal, Optional, Union

from autogen import ConversableAgent, OpenAIWrapper
from pydantic import BaseModel, Field
from recording import llm_config, record


class Kind(str, enum.Enum):
    SWEET = "sweet"
    SALTY = "salty"


class Step(BaseModel):
    text: str = Field(description="What to do")
    minutes: Optional[int] = None


class Recipe(BaseModel):
    """A recipe."""

    title: str
    kind: Kind = Field(Kind.SWEET, description="How it tastes")
    steps: list[Step]
    main: Step = Field(description="The main step")
    level: Literal["easy", "hard"] = "easy"
    portion: Union[int, str] = 1


class Tree(BaseModel):
    name: str
    children: list["Tree"] = []


class Judgement(BaseModel):
    good: bool
    why: str

    def format(self) -> str:
        return "%s because %s" % ("Good" if self.good else "Bad", self.why)


PLAIN = {"type": "object", "properties": {"stars": {"type": "integer"}, "note": {"type": ["string", "null"], "default": None}}, "required": ["stars"]}
NESTED = {
    "type": "object",
    "title": "Nested",
    "properties": {
        "a": {"allOf": [{"$ref": "#/$defs/A"}]},
        "b": {"$ref": "#/$defs/A", "description": "The other"},
        "c": {"type": "array", "items": {"type": "object", "properties": {"d": {"type": "string"}}}},
        "e": {"type": "object", "additionalProperties": {"type": "integer"}},
    },
    "$defs": {"A": {"type": "object", "properties": {"x": {"anyOf": [{"type": "object", "properties": {}}, {"type": "null"}]}}}},
}


def main():
    schemas = {"recipe": Recipe.model_json_schema(), "tree": Tree.model_json_schema(), "plain": dict(PLAIN), "nested": dict(NESTED), "json_object": {"type": "json_object"}, "formatted": Judgement.model_json_schema()}
    schemas = copy.deepcopy(schemas)
    out = {"schemas": schemas}
    for label, given in (("recipe", Recipe), ("tree", Tree), ("plain", PLAIN), ("nested", NESTED), ("json_object", {"type": "json_object"})):
        agent = ConversableAgent(label, llm_config=llm_config(response_format=given), human_input_mode="NEVER")
        out[label] = agent.generate_reply(messages=[{"role": "user", "content": label}])
    top = ConversableAgent("top", llm_config={**llm_config(stream=True), "response_format": copy.deepcopy(schemas["plain"])}, human_input_mode="NEVER")
    out["top"] = top.generate_reply(messages=[{"role": "user", "content": "top"}])
    wrapper = OpenAIWrapper(**llm_config())
    out["request"] = wrapper.create(messages=[{"role": "user", "content": "request"}], response_format=copy.deepcopy(schemas["plain"])).choices[0].message.content
    judge = ConversableAgent("judge", llm_config=llm_config(response_format=Judgement), human_input_mode="NEVER")
    out["formatted"] = judge.generate_reply(messages=[{"role": "user", "content": "formatted"}])
    try:
        out["misfit"] = judge.generate_reply(messages=[{"role": "user", "content": "misfit"}])
    except Exception as error:
        out["misfit"] = type(error).__name__
    return out


record(main)
