#!/usr/bin/env python3
"""Runs the programs of this folder on Python's AG2 against the scripted model server, and writes ../NAME.requests.json and ../NAME.result.json.

    python record.py             all programs
    python record.py NAME …      some
    python record.py --check …   compares with what is there instead of writing

Needs a Python with ag2[openai]==0.14.0 and openai==2.54.0 (no MLflow).
"""

import json
import os
import subprocess
import sys
import tempfile
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
EXTRA = os.path.dirname(HERE)
SERVER = os.path.join(HERE, "..", "..", "..", "support", "oracle", "llm_server.py")
NOT_PROGRAMS = ("record", "recording")


def run(name):
    """The requests and the result of one program."""
    script = os.path.join(EXTRA, "scripts", name + ".json")
    server = subprocess.Popen([sys.executable, SERVER, "--script", script], stdout=subprocess.PIPE, text=True)
    try:
        url = "http://127.0.0.1:%d" % int(server.stdout.readline().split()[1])
        with tempfile.TemporaryDirectory() as place:
            result = os.path.join(place, "result.json")
            env = dict(os.environ, RECORD_LLM_URL=url + "/v1", RECORD_RESULT=result, NO_PROXY="*", AUTOGEN_USE_DOCKER="0")
            program = os.path.join(HERE, name + ".py")
            done = subprocess.run([sys.executable, program], env=env, cwd=place, capture_output=True, text=True, timeout=120)
            if not os.path.exists(result):
                raise SystemExit("%s wrote nothing:\n%s%s" % (name, done.stdout, done.stderr))
            with open(result, encoding="utf-8") as file:
                outcome = json.load(file)
        log, state = (json.load(urllib.request.urlopen(url + path)) for path in ("/__log", "/__state"))
    finally:
        server.terminate()
        server.wait()
    if state["unused"] or state["mismatches"]:
        print("  script not followed:", json.dumps(state))
    requests = {"scenario": name, "requests": [{"n": n + 1, "body": entry["body"]} for n, entry in enumerate(log)]}
    return requests, dict(scenario=name, **outcome)


def main():
    names = [argument for argument in sys.argv[1:] if not argument.startswith("--")]
    is_check = "--check" in sys.argv
    if not names:
        names = sorted(file[:-3] for file in os.listdir(HERE) if file.endswith(".py") and file[:-3] not in NOT_PROGRAMS)
    different = []
    for name in names:
        for suffix, data in zip((".requests.json", ".result.json"), run(name)):
            path = os.path.join(EXTRA, name + suffix)
            text = json.dumps(data, ensure_ascii=False, indent=1) + "\n"
            if is_check:
                with open(path, encoding="utf-8") as file:
                    if file.read() != text:
                        different.append(name + suffix)
            else:
                with open(path, "w", encoding="utf-8") as file:
                    file.write(text)
        print(name, flush=True)
    if different:
        raise SystemExit("different: " + ", ".join(different))


if __name__ == "__main__":
    main()
