#!/usr/bin/env python3
"""Adds up JUnit reports. Usage: summary.py [--strict] REPORT.xml...

Prints each failed and each skipped test with its reason, the lines that tests begin with "report: ", and at last
"N passed, N failed, N skipped". Fails when a test failed; with --strict also when a test was skipped in every run,
unless its reason names a LINKSPAN_... variable that is not set here.
"""
import os
import re
import sys
import xml.etree.ElementTree as xml


def reason_of(case):
    """What gtest printed below "file:line: Skipped", or whatever the report itself says."""
    text = (case.findtext("system-out") or "") + "\n"
    match = re.search(r"^.*: Skipped\n((?:(?!\[).*\n)*)", text, re.M)
    if match and match[1].strip():
        return " ".join(match[1].split())
    skipped = case.find("skipped")
    told = skipped.get("message", "no reason") if skipped is not None else "no reason"
    # GoogleTest's own report begins with the place.
    return " ".join((told.split("\n", 1)[1] if "\n" in told else told).split())


def read(file, counts, seen):
    for case in xml.parse(file).getroot().iter("testcase"):
        # CTest names a test whole, GoogleTest by its suite and its own name.
        name, suite = case.get("name"), case.get("classname", "")
        name, text = name if suite in ("", name) else f"{suite}.{name}", case.findtext("system-out") or ""
        if case.find("failure") is not None or case.get("status") == "fail":
            counts["failed"] += 1
            print(f"  failed: {name}")
            seen.setdefault(name, None)
        elif case.find("skipped") is not None or case.get("status") in ("notrun", "disabled"):
            counts["skipped"] += 1
            reason = reason_of(case)
            print(f"  skipped: {name}: {reason}")
            seen.setdefault(name, reason)
        else:
            counts["passed"] += 1
            seen[name] = None
        for line in re.findall(r"^report: .*", text, re.M):
            print(f"  {line}")


def excused(reason):
    unset = [name for name in re.findall(r"LINKSPAN_[A-Z_]+", reason) if not os.environ.get(name)]
    return bool(unset)


def main(arguments):
    strict = "--strict" in arguments
    counts, seen = {"passed": 0, "failed": 0, "skipped": 0}, {}
    for file in arguments:
        if file != "--strict":
            read(file, counts, seen)
    unexcused = [name for name, reason in seen.items() if reason and not excused(reason)]
    if strict:
        for name in unexcused:
            print(f"  skipped everywhere, though it can run here: {name}: {seen[name]}")
    print(", ".join(f"{number} {what}" for what, number in counts.items()))
    return 1 if counts["failed"] or (strict and unexcused) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
