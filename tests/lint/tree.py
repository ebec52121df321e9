"""The files that rules look at: everything of ours that stands in a tree, without builds and the bad examples."""
import os
import pathlib
import subprocess

SKIPPED = ("build", ".git", "node_modules", ".cache")
BAD = ("tests/lint/bad",)
TOPS = ("cmd", "core", "links", "store", "tests")


def files(root):
    for folder, folders, names in os.walk(root):
        here = pathlib.Path(folder)
        folders[:] = sorted(f for f in folders if f not in SKIPPED and (here / f).relative_to(root).as_posix() not in BAD)
        yield from (here / name for name in sorted(names))


def cpp_files(root, tops=TOPS):
    for file in files(root):
        if file.suffix in (".hpp", ".cpp", ".h") and file.relative_to(root).parts[0] in tops:
            yield file


def is_text(file):
    return b"\0" not in file.read_bytes()[:4096]


def run(*command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr
