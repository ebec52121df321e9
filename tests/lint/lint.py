#!/usr/bin/env python3
"""Holds the house's rules. Usage: lint.py [--root FOLDER] [--junit FILE] [--list] [--fix] [RULE...]

Every rule has at least one tree under tests/lint/bad/RULE/ that it must find fault with: a file there says which with
a line "expect: FAULT", and the rule must report exactly those.
"""
import argparse
import pathlib
import re
import shutil
import sys
import time
import xml.etree.ElementTree as xml

import coroutine_traps
import house_rules
import include_graph
from tree import cpp_files, files, run

HERE = pathlib.Path(__file__).resolve().parent
RULES = {"include_graph": include_graph.check, "coroutine_traps": coroutine_traps.check}
RULES |= {
    name: getattr(house_rules, name)
    for name in (
        "no_marks", "no_lost_coroutines", "no_sleeping_tests", "short_files", "short_functions", "plain_names",
        "pragma_once", "python_parses", "shell_parses", "formatted",
    )
}


def shellcheck(root):
    for file in house_rules.shell_scripts(root):
        _, output = run("shellcheck", "-x", "-f", "gcc", "-P", root, file)
        for line, fault in re.findall(r"^.*?:(\d+):\d+: (?:error|warning): (.*)$", output, re.M):
            yield file.relative_to(root).as_posix(), int(line), fault


if shutil.which("shellcheck"):
    RULES["shellcheck"] = shellcheck


def expected_faults(tree):
    for file in files(tree):
        for fault in re.findall(r"expect: (.*)", file.read_text(errors="replace")):
            yield file.relative_to(tree).as_posix(), fault.strip()


def proof(rule):
    """Whether the rule finds what it must in each of its bad trees, and nothing else there."""
    trees = sorted(tree for tree in (HERE / "bad" / rule).glob("*") if tree.is_dir())
    if not trees:
        yield f"tests/lint/bad/{rule}", 1, "the rule has no tree that must fail"
    for tree in trees:
        expected = sorted(expected_faults(tree))
        found = sorted((file, fault) for file, _, fault in RULES[rule](tree))
        missed = [e for e in expected if not any(e[0] == file and e[1] in fault for file, fault in found)]
        extra = [f for f in found if not any(file == f[0] and fault in f[1] for file, fault in expected)]
        name = tree.relative_to(HERE.parent.parent).as_posix()
        if not expected:
            yield name, 1, "no line 'expect: FAULT' in it"
        for file, fault in missed:
            yield f"{name}/{file}", 1, f"the rule does not find: {fault}"
        for file, fault in extra:
            yield f"{name}/{file}", 1, f"the rule finds, and should not: {fault}"


def report(suite, name, faults, seconds):
    faults = list(faults)
    case = xml.SubElement(suite, "testcase", name=f"lint.{name}", time=f"{seconds:.3f}", status="run")
    print(f"  {'ok    ' if not faults else 'FAILED'} {name}")
    for file, line, fault in faults:
        print(f"    {file}:{line}: {fault}")
    if faults:
        xml.SubElement(case, "failure", message=f"{len(faults)} faults")
    return len(faults)


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--root", type=pathlib.Path, default=HERE.parent.parent)
    options.add_argument("--junit", type=pathlib.Path)
    options.add_argument("--list", action="store_true")
    options.add_argument("--fix", action="store_true", help="format the sources first")
    options.add_argument("rules", nargs="*")
    chosen = options.parse_args()
    unknown = [rule for rule in chosen.rules if rule not in RULES]
    if unknown:
        options.error(f"no rule '{unknown[0]}'; there are {', '.join(RULES)}")
    if chosen.list:
        print("\n".join(RULES))
        return 0
    suite, failed = xml.Element("testsuite", name="lint"), 0
    root = chosen.root.resolve()
    if chosen.fix:
        run("clang-format-14", "-i", *cpp_files(root))
    for rule in chosen.rules or RULES:
        for name, check in ((rule, RULES[rule](root)), (f"{rule}.proof", proof(rule))):
            begin = time.monotonic()
            failed += 1 if report(suite, name, list(check), time.monotonic() - begin) else 0
    total = len(suite)
    if chosen.junit:
        chosen.junit.parent.mkdir(parents=True, exist_ok=True)
        xml.ElementTree(suite).write(chosen.junit)
    print(f"{total - failed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
