"""Rule: none of the four co_await shapes that gcc 12.2 miscompiles without a warning.

In one full-expression with co_await there must be no `?:`, no capturing lambda, no braced temporary, and `switch` must
not test a co_await. Each was seen to crash under AddressSanitizer and without. Name the operand first, then move it in.
"""
import re

from tree import cpp_files

NOISE = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|(?<![0-9a-fA-F])\'(?:\\.|[^\'\\\n])+\'', re.S
)
CAPTURE = re.compile(
    r"(?<![\w\])])\[(?!\[)\s*[^\]\s&][^\]]*\]\s*(?:\([^()]*\)|\{|mutable)"
    r"|(?<![\w\])])\[[^\]]*=[^\]]+\]\s*(?:\(|\{|mutable)"
)
BRACED = re.compile(r"[(,]\s*(?:[\w:]+(?:<[^<>]*>)?\s*)?\{\s*[^\s}]")


def without_noise(text):
    """Comments and literals blanked, lines kept."""
    return NOISE.sub(lambda match: " " + "\n" * match[0].count("\n"), text)


def start_of(text, at):
    """Where the full-expression that holds text[at] begins, and how many parentheses are open there."""
    depth, closed = 0, 0
    while at > 0:
        c = text[at - 1]
        if c == ")":
            closed += 1
        elif c == "(" and closed:
            closed -= 1
        elif c == "(":
            depth += 1
        elif c in ";{}" and not closed:
            break
        at -= 1
    return at, depth


def expression_around(text, at):
    start, depth = start_of(text, at)
    end = at
    while end < len(text):
        c = text[end]
        if c in "({[":
            depth += 1
        elif c in ")}]":
            depth -= 1
            if depth < 0:
                break
        elif c == ";" and depth == 0:
            break
        end += 1
    return text[start:end]


def faults(expression):
    if re.search(r"\bswitch\s*\(\s*co_await\b", expression):
        yield "switch on co_await"
    if re.search(r"\?(?!\?)", expression):
        yield "?: next to co_await"
    if CAPTURE.search(expression):
        yield "capturing lambda next to co_await"
    if BRACED.search(expression):
        yield "braced temporary next to co_await"


def check(root):
    for file in cpp_files(root):
        text = without_noise(file.read_text())
        for match in re.finditer(r"\bco_await\b", text):
            for fault in faults(expression_around(text, match.start())):
                yield file.relative_to(root).as_posix(), text.count("\n", 0, match.start()) + 1, fault
