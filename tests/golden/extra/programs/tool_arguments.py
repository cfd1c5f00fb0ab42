"""What AG2's tools get for the arguments that a model sends: each tool's JSON Schema, and for each text of arguments what its function got, or the error for the model."""

import datetime
import enum
import functools
import json
from typing import Annotated, Any, Literal, Optional, Union

import pydantic_core
from autogen import ConversableAgent
from pydantic import BaseModel, ConfigDict, Field
from recording import llm_config, record
from typing_extensions import TypedDict


class Colour(str, enum.Enum):
    RED = "red"
    BLUE = "blue"


class Level(int, enum.Enum):
    LOW = 1
    HIGH = 2


class Address(BaseModel):
    street: str
    number: int = 1
    note: Optional[str] = None


class Person(BaseModel):
    name: str
    age: int
    address: Optional[Address] = None
    tags: list[str] = []


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")
    a: int


class Open(BaseModel):
    model_config = ConfigDict(extra="allow")
    a: int


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int


class Dog(BaseModel):
    kind: Literal["dog"]
    name: str


class Node(BaseModel):
    value: int
    children: list["Node"] = []


class Point(TypedDict):
    x: float
    y: float


class Limits(TypedDict, total=False):
    ranged: Annotated[int, Field(ge=1, le=10)]
    exclusive: Annotated[float, Field(gt=0, lt=1)]
    fives: Annotated[int, Field(multiple_of=5)]
    tenths: Annotated[float, Field(multiple_of=0.1)]
    short: Annotated[str, Field(min_length=2, max_length=3)]
    letter: Annotated[str, Field(min_length=1, max_length=1)]
    code: Annotated[str, Field(pattern="^[A-Z]{2}[0-9]+$")]
    few: Annotated[list[int], Field(min_length=1, max_length=2)]
    several: Annotated[list[int], Field(min_length=2)]
    counts: Annotated[dict[str, int], Field(min_length=1, max_length=2)]


class Owner(BaseModel):
    pet: Union[Cat, Dog] = Field(discriminator="kind")


# Numbers, texts and others, for each of the simple types.
VALUES = [0, 1, 2, 5, -3, 5.0, 5.5, 1e20, True, False, None, "", " ", "5", " 5 ", "+5", "-5", "05", "5.0", "5.", ".5", "5.5", "1_000", "1__0", "_1", "1_", "5e0", "1e3", "0x10", "five", "inf", "nan", "-Infinity",
          "true", "True", "FALSE", "yes", "No", "on", "off", "y", "n", "t", "f", "1", "0", "2", " true", "null", "None", "a", "\u0665", [], [1], ["5"], {}, {"a": 1}]


def of(values, name="x"):
    return [{name: value} for value in values]


def tools():
    """The functions, each with the arguments that it is called with."""

    def integer(x: int): return x
    yield integer, of(VALUES) + [{}, {"y": 1}, {"x": 1, "y": 2}, {"x": "9007199254740993"}]

    def number(x: float): return x
    yield number, of(VALUES) + of(["1e400", "1_000.5", "1.5.2", "1 000", "1,5", "Infinity", "+inf", "NaN"])

    def boolean(x: bool): return x
    yield boolean, of(VALUES) + of([0.0, 1.0, 2.5])

    def text(x: str): return x
    yield text, of(VALUES)

    def nothing(x: None): return x
    yield nothing, of([None, "", "null", 0])

    def anything(x: Any): return x
    yield anything, of([None, 1, "1", [1], {"a": 1}]) + [{}]

    def optional_integer(x: Optional[int] = None): return x
    yield optional_integer, of([None, "5", "five", 5.5, "null", ""]) + [{}]

    def required_optional(x: Optional[int]): return x
    yield required_optional, of([None, "5"]) + [{}]

    def integer_or_text(x: Union[int, str]): return x
    yield integer_or_text, of([5, "5", "a", True, 5.5, None, []])

    def text_or_integer(x: Union[str, int]): return x
    yield text_or_integer, of([5, "5", True, 5.0, 5.5, None])

    def integer_or_number(x: Union[int, float]): return x
    yield integer_or_number, of([5, "5", "5.5", 5.5, True, "a"])

    def boolean_or_integer(x: Union[bool, int]): return x
    yield boolean_or_integer, of([True, 1, "1", "5", "yes", "a"])

    def integers_or_integer(x: Union[list[int], int]): return x
    yield integers_or_integer, of([[1], ["1"], 1, "1", "a", ["a"]])

    def optional_texts(x: Optional[list[str]] = None): return x
    yield optional_texts, of([None, ["a"], "a", [1]])

    def texts(x: list[str]): return x
    yield texts, of([[], ["a"], ["a", 1], "a,b", '["a"]', None, {}, [None, 1], 1])

    def integers(x: list[int]): return x
    yield integers, of([["1", 2, "3.0"], [1.5, "x"], "1,2", [[1]]])

    def any_list(x: list): return x
    yield any_list, of([[1, "a", None], "a", {}])

    def matrix(x: list[list[float]]): return x
    yield matrix, of([[[1, "2"], []], [1], [["a"], [1, None]]])

    def pair(x: tuple[int, str]): return x
    yield pair, of([["1", "a"], [1], [1, "a", 2], "ab", []])

    def many(x: tuple[int, ...]): return x
    yield many, of([["1", 2], [], ["a"]])

    def unique(x: set[int]): return x
    yield unique, of([[1, "1", 2], ["a"], "a"])

    def counts(x: dict[str, int]): return x
    yield counts, of([{"a": "1", "b": 2}, {"a": "one"}, [], "a", {}, None])

    def any_dict(x: dict): return x
    yield any_dict, of([{"a": "1", "b": None}, [], "{}"])

    def dict_of_lists(x: dict[str, list[int]]): return x
    yield dict_of_lists, of([{"a": ["1"]}, {"a": [1, "b"], "c": 1}])

    def literal(x: Literal["EUR", "USD"] = "EUR"): return x
    yield literal, of(["EUR", "eur", "XYZ", "", None, 1, ["EUR"]]) + [{}]

    def three_literals(x: Literal["a", "b", "c"]): return x
    yield three_literals, of(["d"])

    def one_literal(x: Literal["only"]): return x
    yield one_literal, of(["only", "other"])

    def integer_literal(x: Literal[1, 2]): return x
    yield integer_literal, of([1, 2, "1", 3, 1.0, True])

    def mixed_literal(x: Literal["a", 1, None]): return x
    yield mixed_literal, of(["a", 1, None, "1", 2])

    def colour(x: Colour): return x
    yield colour, of(["red", "RED", "green", 1])

    def level(x: Level): return x
    yield level, of([1, "1", 2.0, 3, "low"])

    def optional_colour(x: Optional[Colour] = None): return x
    yield optional_colour, of([None, "red", "green"]) + [{}]

    def person(x: Person): return x
    yield person, of([{"name": "Ada", "age": "36"}, {"name": "Ada", "age": 1, "address": None, "more": 2}])

    def people(x: list[Person]): return x
    yield people, of([
        [{"name": "Ada", "age": "1"}], [{"name": "Ada"}, {"age": 2}], {"name": "Ada", "age": 1}, [{"name": "Ada", "age": "old", "address": {"number": "x"}}], [{}], ["Ada", None, []],
        [{"name": "Ada", "age": 1, "address": {"street": "S", "extra": 1}, "tags": ["a", 2]}], [{"name": None, "age": None}],
    ])

    def optional_person(x: Optional[Person] = None): return x
    yield optional_person, of([None, {"name": "Ada", "age": "1"}, {"name": "Ada"}, "Ada"]) + [{}]

    def strict(x: Optional[Strict] = None): return x
    yield strict, of([{"a": "1"}, {"a": 1, "b": 2, "c": 3}, {}])

    def open_model(x: Optional[Open] = None): return x
    yield open_model, of([{"a": "1", "b": [2]}, {"b": 2}])

    def cat_or_dog(x: Union[Cat, Dog]): return x
    yield cat_or_dog, of([{"kind": "cat", "lives": "9"}, {"kind": "dog", "name": "Rex"}, {"kind": "cow"}, "cat"])

    def tree(x: Optional[Node] = None): return x
    yield tree, of([{"value": "1", "children": [{"value": "2", "children": [{"value": 3}]}]}, {"value": 1, "children": [{"value": 2, "children": [{"value": "three"}]}]}, {"value": 1, "children": [1]}])

    def point(x: Point): return x
    yield point, of([{"x": "1", "y": 2}, {"x": 1}, {"x": 1, "y": 2, "z": 3}, []])

    def limits(x: Limits): return x
    calls = []
    for name, values in (
        ("ranged", [1, "10", 0, "11", "x"]), ("exclusive", [0.5, "0.5", 0, 1, "1.0"]), ("fives", [10, "15", 7]), ("tenths", [0.5, 0.55]), ("short", ["a", "ab", "abcd", "\U0001f600\U0001f600\U0001f600", ""]),
        ("letter", ["", "ab"]), ("code", ["AB12", "ab12", "AB"]), ("few", [[], ["1"], [1, 2, 3]]), ("several", [[], [1, 2]]), ("counts", [{}, {"a": "1"}, {"a": 1, "b": 2, "c": 3}]),
    ):
        calls.extend({"x": {name: value}} for value in values)
    yield limits, calls

    def owner(x: Optional[Owner] = None): return x
    yield owner, of([{"pet": {"kind": "cat", "lives": "9"}}, {"pet": {"kind": "dog", "name": "Rex"}}])

    def day(x: datetime.date): return x
    yield day, of(["2026-11-30", "tomorrow"])

    def several(a: int, b: float = 2.5, c: list[str] = ["z"], d: Optional[Person] = None): return [a, b, c, d]
    yield several, [{"a": "1"}, {"a": "x", "b": "y", "c": "z"}, {"b": 1}, {"a": 1, "b": None}, {"a": 1, "c": ["q"], "e": 5}, {}]

    def none(): return "called"
    yield none, [{}, {"x": 1}]


def watched(function, got):
    """`function`, which notes what it got."""

    @functools.wraps(function)
    def noted(**kwargs):
        got.clear()
        got.update((key, jsonable(value)) for key, value in kwargs.items())
        return "called"

    return noted


def jsonable(value):
    """A copy as JSON data: sets in order, numbers that JSON does not have as text."""
    if isinstance(value, (set, frozenset)):
        value = sorted(value)
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return str(value)
    return pydantic_core.to_jsonable_python(value)


def error_of(content):
    """The error for the model: pydantic's text up to its notation of Python values and its link."""
    lines = [line.split(" [type=", 1)[0] for line in content.split("\n") if not line.startswith("    For further information visit")]
    return "\n".join(lines)


def main():
    caller = ConversableAgent("caller", llm_config=llm_config(), human_input_mode="NEVER")
    results = {}
    for function, calls in tools():
        name, got = function.__name__, {}
        tool = caller.register_for_llm(name=name, description="A tool")(watched(function, got))
        executor = ConversableAgent("executor", llm_config=False, human_input_mode="NEVER")
        executor.register_for_execution(name=name)(tool)
        rows = []
        for arguments in calls:
            is_success, result = executor.execute_function({"name": name, "arguments": json.dumps(arguments)})
            rows.append({"arguments": json.dumps(arguments), **({"got": dict(got)} if is_success else {"error": error_of(result["content"])})})
        results[name] = {"parameters": tool.tool_schema["function"]["parameters"], "calls": rows}
    return results


record(main)
