"""Holds our traces, model requests and results to the golden files, but for the listed improvements.

    python compare_with_golden.py < cases.json

Standard input: {"golden": FOLDER, "improvements": FILE, "cases": [case...]}. A case names its golden files and says
where ours are:

    {"name": "calculator",
     "traces": FILE  or  {"uri": ..., "experiment": ...},     fetched with MLflow's own client
     "requests": FILE (.jsonl log of llm_server.py),          optional
     "result": FILE}                                          optional

Standard output: {"NAME": {"differences": [text...], "used": [improvement id...]}}.
"""

import json
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "oracle"))
import compare  # noqa: E402
import normalise  # noqa: E402

NOTHING, ANYTHING, PRESENT = "(nothing)", "(anything)", "(present)"
PREVIEW_LIMIT = 1000  # MLflow cuts a preview to this many characters, the last three being dots
CHAT_ID = re.compile(r'("chat_id":\s*)(?:\d+|<chat_id>)')
NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")
JSON_STRING = re.compile(r'"(?:[^"\\]|\\.)*"?')


def respelled(text):
    """JSON text, whole or cut off, without spaces between its tokens and with its numbers spelled one way."""
    text = CHAT_ID.sub(r"\1<chat_id>", text)
    out, at = [], 0
    while at < len(text):
        string = JSON_STRING.match(text, at)
        number = NUMBER.match(text, at)
        if string:
            out.append(string.group())
        elif number:
            spelling = number.group()
            out.append(spelling if spelling.lstrip("-").isdigit() else "%.10g" % float(spelling))
        elif not text[at].isspace():
            out.append(text[at])
        at = string.end() if string else number.end() if number else at + 1
    return "".join(out)


def same_json_text(golden, candidate):
    """Equal after `respelled`; where the server cut one of them, as far as both go."""
    if not isinstance(golden, str) or not isinstance(candidate, str):
        return False
    golden_cut, candidate_cut = (text.endswith("...") for text in (golden, candidate))
    if candidate_cut and (not golden_cut or len(candidate) < PREVIEW_LIMIT - 20):  # 20: what masking may have taken away
        return False
    a = respelled(golden[:-3] if golden_cut else golden)
    b = respelled(candidate[:-3] if candidate_cut else candidate)
    if not golden_cut:
        return a == b
    length = min(len(a), len(b)) - 24  # the last token may be cut in two
    return a[:length] == b[:length] and len(b) >= len(a) - 24


class StrictCompare(compare.Compare):
    """Compare with no leniency, which notes each difference as a place and two values instead of a text."""

    def __init__(self):
        super().__init__()
        self.differences = []

    def say(self, where, golden, got):
        self.differences.append((where or "/", golden, got))
        super().say(where, golden, got)

    def label(self, s):
        return str(s.get("name"))  # the type is compared like any other field

    def value(self, where, a, b):
        key = where.rsplit("/", 1)[-1]
        if key == "volatile_attributes":
            a, b = ({name: PRESENT for name in names or []} for names in (a, b))
        elif key.endswith("_preview") and a != b:
            return self.say(where, a, b)  # the base class forgives where they are cut
        elif isinstance(a, list) and isinstance(b, list) and len(a) != len(b):
            return self.say(where, a, b)
        super().value(where, a, b)

    def spans(self, where, golden, got):
        rest, counts = list(got), {}
        for i, g in enumerate(golden):
            n = counts[self.label(g)] = counts.get(self.label(g), 0) + 1
            here = "%s > %s#%d" % (where, self.label(g), n)
            at = self.partner(g, golden[i + 1:], rest, 0)
            if at is None:
                self.say(here, "%s span" % g.get("type"), compare.MISSING)
            else:
                self.span(here, g, rest.pop(at))
        for c in rest:
            n = counts[self.label(c)] = counts.get(self.label(c), 0) + 1
            self.say("%s > %s#%d" % (where, self.label(c), n), compare.MISSING, "%s span" % c.get("type"))
        order = [self.label(s) for s in golden], [self.label(s) for s in got]
        if sorted(order[0]) == sorted(order[1]) and order[0] != order[1]:
            self.say(where + "/order of children", *order)


class Improvements:
    """The listed differences, and which of them were needed."""

    def __init__(self, path):
        with open(path, encoding="utf-8") as f:
            self.entries = json.load(f)["improvements"]

    def explaining(self, difference):
        """The id of the entry that explains this difference, or None."""
        for entry in self.entries:
            if self.fits(entry, *difference):
                return entry["id"]
        return None

    def fits(self, entry, where, golden, candidate):
        pattern = re.escape(entry["where"]).replace(r"\*", ".*")
        if not re.fullmatch(pattern, where, re.DOTALL):
            return False
        if entry.get("rule") == "same_json_text":
            if "reading" in entry and isinstance(golden, str):
                golden = golden.replace(*entry["reading"])
            return same_json_text(golden, candidate)
        return self.meets(entry["golden"], golden) and self.meets(entry["candidate"], candidate)

    def meets(self, wanted, value):
        if wanted == ANYTHING:
            return True
        if value is compare.MISSING:
            return wanted == NOTHING
        return wanted == value


def load(path):
    with open(path, encoding="utf-8") as f:
        return json.load(f)


def compared(what, golden, got):
    """Every difference between a golden file's data and ours, as (where, golden, candidate)."""
    strict = StrictCompare()
    if what == "traces":
        strict.traces(golden["traces"], got)
        if len(golden["traces"]) != len(got):
            strict.say("traces", len(golden["traces"]), len(got))
    elif what == "requests":
        strict.value("requests", golden["requests"], got["requests"])
    else:
        keep = ("outcome", "results", "exception")
        strict.value("result", {k: golden[k] for k in keep}, {k: got.get(k) for k in keep})
    return strict.differences


def run(case, golden_folder, improvements):
    def golden(suffix):
        return load(os.path.join(golden_folder, case["name"] + suffix))

    differences = []
    if isinstance(case["traces"], dict):
        import fetch_traces

        wanted = golden(".json")
        got = fetch_traces.fetch(case["traces"]["uri"], case["traces"]["experiment"], expect=len(wanted["traces"]))
    else:
        got = load(case["traces"])["traces"]
    differences += compared("traces", golden(".json"), got)
    if case.get("requests"):
        differences += compared("requests", golden(".requests.json"), compare.load(case["requests"]))
    if case.get("result"):
        differences += compared("result", golden(".result.json"), normalise.clean(load(case["result"])))

    left, used = [], set()
    for difference in differences:
        why = improvements.explaining(difference)
        if why:
            used.add(why)
        else:
            where, g, c = difference
            left.append("%s: golden %s, ours %s" % (where, compare.show(g, 400), compare.show(c, 400)))
    return {"differences": left, "used": sorted(used)}


def main():
    order = json.load(sys.stdin)
    improvements = Improvements(order["improvements"])
    answer = {case["name"]: run(case, order["golden"], improvements) for case in order["cases"]}
    json.dump(answer, sys.stdout, ensure_ascii=False, indent=1)


if __name__ == "__main__":
    main()
