"""Small rules of the house, each a function that yields (file, line, fault)."""
import ast
import re

from coroutine_traps import without_noise
from tree import cpp_files, files, is_text, run

LINES_MAX = 500
FUNCTION_LINES_MAX = 70
# Where a coroutine may be started that nobody waits for: what starts it also keeps count of it.
DETACHED_ALLOWED = ("links/net/", "cmd/linkspan/app.", "cmd/linkspan/tasks.")
SOURCES = (".hpp", ".cpp", ".h", ".py", ".sh", ".cmake", ".js", ".cjs", ".sql")
MARKS = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|X" + r"XX)\b")
SLEEPS = re.compile(r"\b(?:sleep_for|sleep_until|usleep|nanosleep|sleep)\s*\(")
BAD_NAMES = re.compile(r"^(?:utils?|common|helpers?|misc)$|(?:manager|service)s?$")


def relative(root, file):
    return file.relative_to(root).as_posix()


def matches(pattern, text):
    for match in pattern.finditer(text):
        yield text.count("\n", 0, match.start()) + 1, match


def no_marks(root):
    """What is unfinished stands in an issue, not in the source."""
    for file in files(root):
        if is_text(file) and (file.suffix in SOURCES or file.suffix in (".md", ".toml", ".txt", "")):
            for line, match in matches(MARKS, file.read_text(errors="replace")):
                yield relative(root, file), line, f"a mark of unfinished work: {match[0]}"


def no_lost_coroutines(root):
    """asio::detached forgets an exception and outlives its owner."""
    for file in cpp_files(root, ("core", "links", "store", "cmd")):
        name = relative(root, file)
        if not name.startswith(DETACHED_ALLOWED):
            for line, _ in matches(re.compile(r"\bdetached\b(?!\.hpp)"), without_noise(file.read_text())):
                yield name, line, "a detached coroutine; spawn it in a task group"


def no_sleeping_tests(root):
    for file in cpp_files(root, ("tests",)):
        for line, match in matches(SLEEPS, without_noise(file.read_text())):
            yield relative(root, file), line, f"a test that sleeps: {match[0]}...); wait for a condition or use a clock"


def short_files(root):
    for file in files(root):
        if file.suffix in SOURCES or relative(root, file) in ("dev", ".ci/run", "CMakeLists.txt"):
            lines = len(file.read_text(errors="replace").splitlines())
            if lines > LINES_MAX:
                yield relative(root, file), lines, f"{lines} lines; {LINES_MAX} at most"


def short_functions(root):
    """By the layout that clang-format gives: a brace alone at the depth of a namespace's or class's members."""
    for file in cpp_files(root, ("core", "links", "store", "cmd")):
        lines, start = file.read_text().splitlines(), {}
        for number, line in enumerate(lines, 1):
            brace = re.match(r"^((?:    )?)([{}])[;,]?$", line)
            if not brace:
                continue
            indent = brace[1]
            if brace[2] == "{":
                head = lines[number - 2] if number > 1 else ""
                is_function = head.rstrip().endswith((")", "const", "noexcept", "override")) and "=" not in head
                start[indent] = number if is_function else None
            elif start.get(indent):
                length = number - start[indent] - 1
                if length > FUNCTION_LINES_MAX:
                    yield relative(root, file), start[indent], f"a function of {length} lines; {FUNCTION_LINES_MAX} at most"
                start[indent] = None


def plain_names(root):
    """A name says what a file holds."""
    for file in cpp_files(root):
        if BAD_NAMES.search(file.stem):
            yield relative(root, file), 1, f"the name '{file.stem}' says nothing about what it holds"


def pragma_once(root):
    for file in cpp_files(root):
        if file.suffix == ".hpp" and not re.search(r"^#pragma once$", file.read_text(), re.M):
            yield relative(root, file), 1, "a header without #pragma once"


def python_parses(root):
    for file in files(root):
        if file.suffix == ".py":
            try:
                ast.parse(file.read_text(), str(file))
            except SyntaxError as fault:
                yield relative(root, file), fault.lineno or 1, f"Python cannot read it: {fault.msg}"


def shell_scripts(root):
    for file in files(root):
        if file.suffix == ".sh" or relative(root, file) in ("dev", ".ci/run"):
            yield file


def shell_parses(root):
    for file in shell_scripts(root):
        status, output = run("bash", "-n", file)
        if status:
            line = re.search(r"line (\d+): (.*)", output)
            yield relative(root, file), int(line[1]) if line else 1, f"bash cannot read it: {line[2] if line else output}"


def formatted(root):
    sources = list(cpp_files(root))
    if not sources:
        return
    _, output = run("clang-format-14", "--dry-run", "-Werror", *sources)
    seen = set()
    for name, line in re.findall(r"^(.*?):(\d+):\d+: error: code should be clang-formatted", output, re.M):
        if name not in seen:
            seen.add(name)
            yield name.removeprefix(f"{root}/"), int(line), "not formatted; run clang-format-14 -i on it"
