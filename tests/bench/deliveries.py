"""Signed deliveries for the benchmarks, made from the samples that linkspan carries. Each is one line of a file: event
key, tab, signature, tab, body."""

import copy
import hashlib
import hmac
import json
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "cmd/linkspan/samples/cloud"
BODY_BYTES = 6000  # what a comment's delivery weighs
NOW = "2026-11-20T09:00:00.000000+00:00"


def filled(text, pull_request, number):
    """The samples' placeholders (cmd/linkspan/samples/README.md), for this pull request and this number."""
    text = text.replace('"{{pull_request}}"', str(pull_request)).replace("{{pull_request}}", str(pull_request))
    text = text.replace("{{now}}", NOW)
    text = re.sub(r'"\{\{number(\+\d+)?\}\}"', lambda found: str(number + int(found[1] or 0)), text)
    text = re.sub(r"\{\{number(\+\d+)?\}\}", lambda found: str(number + int(found[1] or 0)), text)

    def commit(found):
        name = hashlib.sha1(f"{found[2]} of {pull_request}".encode()).hexdigest()
        return name[:12] if found[1] else name

    return re.sub(r"\{\{hash(12)?:(\w)\}\}", commit, text)


def slim(body):
    """Without what repeats the text in HTML: the sample says more than a usual delivery, which weighs 6 kB."""
    body = copy.deepcopy(body)
    pull_request = body["pullrequest"]
    for name in ("rendered", "summary", "participants", "reviewers"):
        pull_request.pop(name, None)
    body.get("comment", {}).pop("pullrequest", None)
    return body


def compact(value):
    return json.dumps(value, separators=(",", ":"))


class Kind:
    """One sample as a template."""

    def __init__(self, name):
        sample = json.loads((SAMPLES / name).read_text())
        self.event_key = sample["event_key"]
        self.body = slim(sample["body"])

    def make(self, pull_request, number, text=None):
        body = copy.deepcopy(self.body)
        if "comment" in body:
            words = text or f"Comment {number} on pull request {pull_request}."
            body["comment"]["id"] = number
            body["comment"]["content"]["raw"] = words
            body["comment"]["content"]["html"] = f"<p>{words}</p>"
        filled_body = filled(compact(body), pull_request, number)
        missing = BODY_BYTES - len(filled_body) - len(compact({"padding": ""})) + 1
        if missing > 0:
            filled_body = filled_body[:-1] + ',"padding":"' + "x" * missing + '"}'
        return filled_body


def line(event_key, body, secret):
    signature = hmac.new(secret, body.encode(), hashlib.sha256).hexdigest()
    return f"{event_key}\tsha256={signature}\t{body}\n"


def write_mixed(file, secret, count):
    """`count` different deliveries over count / 10 pull requests: each is opened, commented on seven times, changed and
    approved."""
    opened, comment, updated, approved = (
        Kind(name) for name in ("02_opened.json", "03_comment.json", "08_updated.json", "15_approved.json"))
    steps = [opened] + [comment] * 7 + [updated, approved]
    with open(file, "w") as out:
        for number in range(count):
            kind = steps[number // (count // 10) % 10]
            out.write(line(kind.event_key, kind.make(1 + number % (count // 10), 1000 + number), secret))


def write_conversations(file, secret, count, conversations):
    """`count` comments, in turn over the conversations: "bench N of C" is the N-th of conversation C."""
    comment = Kind("03_comment.json")
    with open(file, "w") as out:
        for number in range(count):
            conversation = 1 + number % conversations
            text = f"bench {1 + number // conversations} of {conversation}"
            out.write(line(comment.event_key, comment.make(conversation, 1000 + number, text), secret))
