#!/usr/bin/env python3
# mlflow-ag2 oracle: the scripted model server. Part of the recording kit that made tests/golden
# (tests/golden/README.md).
"""A small scripted stand-in for an OpenAI-compatible chat-completions server.

Standard library only.  It plays a *script* (a JSON file, see README.md,
"Script format") and writes every request that it received to a JSONL log.

    python llm_server.py --script scenarios/calculator.json --port 0 --log l.jsonl

prints one line, `LISTENING <port>`, once it accepts connections.

Routes
    POST /v1/chat/completions   the scripted replies (plain JSON, or SSE when "stream": true)
    GET  /v1/models             the models named by the script
    GET  /__state               {"requests": n, "unused": [...], "mismatches": [...]}
    GET  /__log                 the request log so far, as a JSON array
    POST /__reset               start the script again, forget the log kept in memory
    POST /__load                body = another script: play that one from its start

Every answer carries permissive CORS headers, so that pages of any origin can call it.
"""

import argparse
import json
import socket
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

CREATED = 1700000000  # fixed, so that recorded answers do not change from run to run
KEPT_HEADERS = ("authorization", "content-type", "accept")


def text_of(content):
    """The plain text of a message content (string, list of parts, or null)."""
    if content is None:
        return ""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "\n".join(p.get("text", "") for p in content if isinstance(p, dict))
    return str(content)


def matches(cond, body):
    """Whether the request `body` fulfils every condition of `cond`."""
    messages = body.get("messages") or []
    last = messages[-1] if messages else {}
    system = "\n".join(text_of(m.get("content")) for m in messages if m.get("role") == "system")
    checks = {
        "model": lambda v: body.get("model") == v,
        "stream": lambda v: bool(body.get("stream")) == v,
        "has_tools": lambda v: bool(body.get("tools")) == v,
        "messages_len": lambda v: len(messages) == v,
        "last_role": lambda v: last.get("role") == v,
        "last_name": lambda v: last.get("name") == v,
        "last_contains": lambda v: v in text_of(last.get("content")),
        "system_contains": lambda v: v in system,
        "first_contains": lambda v: bool(messages) and v in text_of(messages[0].get("content")),
        "any_contains": lambda v: any(v in text_of(m.get("content")) for m in messages),
    }
    for key, want in cond.items():
        if key not in checks:
            raise ValueError("unknown match condition: %s" % key)
        if not checks[key](want):
            return False
    return True


def usage_of(step):
    usage = step.get("usage", [10, 5])
    if usage is None:
        return None
    if isinstance(usage, list):
        return {
            "prompt_tokens": usage[0],
            "completion_tokens": usage[1],
            "total_tokens": usage[0] + usage[1],
        }
    out = dict(usage)
    out.setdefault("total_tokens", out.get("prompt_tokens", 0) + out.get("completion_tokens", 0))
    return out


def tool_calls_of(step):
    calls = step.get("tool_calls")
    if not calls:
        return None
    out = []
    for n, call in enumerate(calls):
        args = call.get("arguments", {})
        if not isinstance(args, str):
            args = json.dumps(args, ensure_ascii=False)
        out.append(
            {
                "id": call.get("id", "call_%d" % (n + 1)),
                "type": "function",
                "function": {"name": call["name"], "arguments": args},
            }
        )
    return out


def pieces(text, size):
    return [text[i : i + size] for i in range(0, len(text), size)]


class Script:
    """The state of one script: which steps are used up, what was asked."""

    def __init__(self, data, log_path=None):
        self.lock = threading.Lock()
        self.log_path = log_path
        self.load(data)

    def load(self, data):
        with self.lock:
            self.data = data
            self.steps = data.get("responses", [])
            self.left = [
                float("inf") if s.get("repeat") == "forever" else int(s.get("repeat", 1))
                for s in self.steps
            ]
            self.log = []
            self.mismatches = []

    def reset(self):
        self.load(self.data)

    def pick(self, body, headers):
        """Take the first step that is left and fits; log the request."""
        with self.lock:
            number = len(self.log) + 1
            found = None
            for i, step in enumerate(self.steps):
                if self.left[i] > 0 and matches(step.get("match", {}), body):
                    self.left[i] -= 1
                    found = i
                    break
            step = (
                self.steps[found]
                if found is not None
                else self.data.get(
                    "fallback",
                    {"status": 418, "error": {"message": "no scripted response fits request %d" % number,
                                              "type": "script_exhausted", "code": "script_exhausted"}},
                )
            )
            if found is None:
                self.mismatches.append(number)
            entry = {
                "n": number,
                "path": "/v1/chat/completions",
                "headers": {k: headers[k] for k in KEPT_HEADERS if k in headers},
                "body": body,
                "step": found,
                "status": step.get("status", 200),
            }
            self.log.append(entry)
            if self.log_path:
                with open(self.log_path, "a", encoding="utf-8") as f:
                    f.write(json.dumps(entry, ensure_ascii=False) + "\n")
            return found, number, step

    def state(self):
        with self.lock:
            return {
                "name": self.data.get("name"),
                "requests": len(self.log),
                "unused": [
                    i for i, n in enumerate(self.left)
                    if n > 0 and n != float("inf") and not self.steps[i].get("optional")
                ],
                "mismatches": list(self.mismatches),
            }


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    script = None  # set by main()

    def log_message(self, *args):
        pass

    # ---- plumbing -------------------------------------------------------
    def cors(self):
        self.send_header("Access-Control-Allow-Origin", self.headers.get("Origin") or "*")
        self.send_header("Vary", "Origin")
        self.send_header("Access-Control-Allow-Credentials", "true")
        self.send_header("Access-Control-Allow-Methods", "GET, POST, PUT, PATCH, DELETE, OPTIONS")
        self.send_header(
            "Access-Control-Allow-Headers",
            self.headers.get("Access-Control-Request-Headers") or "*",
        )
        self.send_header("Access-Control-Expose-Headers", "*, content-type, retry-after, retry-after-ms")
        self.send_header("Access-Control-Allow-Private-Network", "true")
        self.send_header("Access-Control-Max-Age", "600")

    def answer(self, status, payload, headers=None):
        raw = payload if isinstance(payload, bytes) else json.dumps(payload, ensure_ascii=False).encode("utf-8")
        self.send_response(status)
        self.cors()
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(raw)))
        for k, v in (headers or {}).items():
            self.send_header(k, str(v))
        self.end_headers()
        self.wfile.write(raw)

    def read_body(self):
        size = int(self.headers.get("Content-Length") or 0)
        return self.rfile.read(size) if size else b""

    def drop(self):
        """End the connection without an answer."""
        self.close_connection = True
        try:
            self.connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    # ---- routes ---------------------------------------------------------
    def do_OPTIONS(self):
        self.read_body()
        self.send_response(204)
        self.cors()
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_GET(self):
        path = self.path.split("?")[0].rstrip("/")
        if path.endswith("/models"):
            names = self.script.data.get("models") or ["gpt-4o-mini"]
            self.answer(200, {"object": "list", "data": [
                {"id": n, "object": "model", "created": CREATED, "owned_by": "script"} for n in names]})
        elif path == "/__state":
            self.answer(200, self.script.state())
        elif path == "/__log":
            self.answer(200, self.script.log)
        else:
            self.answer(404, {"error": {"message": "no such route: " + path, "type": "not_found"}})

    def do_POST(self):
        raw = self.read_body()
        path = self.path.split("?")[0].rstrip("/")
        if path == "/__reset":
            self.script.reset()
            return self.answer(200, self.script.state())
        if path == "/__load":
            self.script.load(json.loads(raw))
            return self.answer(200, self.script.state())
        if not path.endswith("/chat/completions"):
            return self.answer(404, {"error": {"message": "no such route: " + path, "type": "not_found"}})
        try:
            body = json.loads(raw)
        except ValueError as e:
            return self.answer(400, {"error": {"message": "body is not JSON: %s" % e, "type": "invalid_request_error"}})
        headers = {k.lower(): v for k, v in self.headers.items()}
        index, number, step = self.script.pick(body, headers)
        if step.get("delay_ms"):
            time.sleep(step["delay_ms"] / 1000.0)
        try:
            self.play(index, number, step, body)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    # ---- the scripted answer ---------------------------------------------
    def play(self, index, number, step, body):
        if step.get("drop"):
            return self.drop()
        if "raw_body" in step:
            return self.answer(step.get("status", 200), step["raw_body"].encode("utf-8"), step.get("headers"))
        if step.get("status", 200) >= 400:
            error = step.get("error") or {"message": "scripted failure", "type": "server_error", "code": None}
            return self.answer(step["status"], {"error": error}, step.get("headers"))

        head = {
            "id": step.get("id") or "chatcmpl-%s-%d" % (self.script.data.get("name", "script"), (index or 0) + 1),
            "created": CREATED,
            "model": step.get("model") or body.get("model") or "gpt-4o-mini",
        }
        calls = tool_calls_of(step)
        legacy = step.get("function_call")
        if legacy and not isinstance(legacy.get("arguments"), str):
            legacy = dict(legacy, arguments=json.dumps(legacy.get("arguments", {}), ensure_ascii=False))
        finish = step.get("finish_reason") or ("tool_calls" if calls else "function_call" if legacy else "stop")
        content = step.get("content")
        if isinstance(content, dict) and "repeat_text" in content:  # {"repeat_text": "ab", "times": 1000}
            content = content["repeat_text"] * content["times"]

        if body.get("stream"):
            return self.stream(step, body, head, content, calls, legacy, finish)

        message = {"role": "assistant", "content": content, "refusal": None}
        if calls:
            message["tool_calls"] = calls
        if legacy:
            message["function_call"] = legacy
        choices = [{"index": i, "message": message, "logprobs": None, "finish_reason": finish}
                   for i in range(int(body.get("n") or 1))]
        out = dict(head, object="chat.completion", choices=choices, system_fingerprint="fp_script")
        usage = usage_of(step)
        if usage is not None:
            out["usage"] = usage
        self.answer(200, out)

    def stream(self, step, body, head, content, calls, legacy, finish):
        self.send_response(200)
        self.cors()
        self.send_header("Content-Type", "text/event-stream; charset=utf-8")
        self.send_header("Cache-Control", "no-cache")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        gap = step.get("chunk_delay_ms", 0) / 1000.0
        want_usage = bool((body.get("stream_options") or {}).get("include_usage"))
        sent = [0]

        def write(text):
            data = text.encode("utf-8")
            self.wfile.write(b"%x\r\n" % len(data) + data + b"\r\n")
            self.wfile.flush()

        def event(delta=None, finish_reason=None, usage=None):
            limit = step.get("drop_after_chunks")
            if limit is not None and sent[0] >= limit:
                raise ConnectionResetError
            chunk = dict(head, object="chat.completion.chunk", system_fingerprint="fp_script")
            chunk["choices"] = (
                [] if delta is None
                else [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}]
            )
            if want_usage:
                chunk["usage"] = usage
            write("data: " + json.dumps(chunk, ensure_ascii=False) + "\n\n")
            sent[0] += 1
            if gap:
                time.sleep(gap)

        try:
            event({"role": "assistant", "content": "" if content is not None else None, "refusal": None})
            size = step.get("chunk_size", 8)
            for piece in step.get("chunks") or pieces(content or "", size):
                event({"content": piece})
            for i, call in enumerate(calls or []):
                event({"tool_calls": [{"index": i, "id": call["id"], "type": "function",
                                       "function": {"name": call["function"]["name"], "arguments": ""}}]})
                for piece in pieces(call["function"]["arguments"], size):
                    event({"tool_calls": [{"index": i, "function": {"arguments": piece}}]})
            if legacy:
                event({"function_call": {"name": legacy["name"], "arguments": ""}})
                for piece in pieces(legacy["arguments"], size):
                    event({"function_call": {"arguments": piece}})
            event({}, finish)
            usage = usage_of(step)
            if want_usage and usage is not None:
                event(None, None, usage)
            write("data: [DONE]\n\n")
            self.wfile.write(b"0\r\n\r\n")
        except ConnectionResetError:
            self.drop()


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64
    allow_reuse_address = True


def main(argv=None):
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--script", required=True, help="the script (JSON)")
    ap.add_argument("--port", type=int, default=0, help="0 = any free port")
    ap.add_argument("--host", default="127.0.0.1")
    ap.add_argument("--log", help="JSONL file that gets every request")
    args = ap.parse_args(argv)
    with open(args.script, encoding="utf-8") as f:
        data = json.load(f)
    if args.log:
        open(args.log, "w").close()
    Handler.script = Script(data, args.log)
    server = Server((args.host, args.port), Handler)
    print("LISTENING %d" % server.server_address[1], flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    sys.exit(main())
