"""A linkspan serve in a throw-away profile, made with linkspan's own commands."""

import json
import os
import pathlib
import re
import secrets
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request

PATIENCE = 60  # seconds that any one thing may take


class Failed(Exception):
    pass


def until(condition, what, patience=PATIENCE):
    end = time.monotonic() + patience
    while time.monotonic() < end:
        if (value := condition()) is not None:
            return value
        time.sleep(0.02)
    raise Failed(f"waited {patience} s for this: {what}")


def machine():
    """What the figures depend on, and nothing that names the machine."""
    memory = int(re.search(r"MemTotal:\s+(\d+)", pathlib.Path("/proc/meminfo").read_text())[1])
    load = pathlib.Path("/proc/loadavg").read_text().split()[0]
    return f"machine: {os.cpu_count()} cores, {round(memory / 1e6)} GB of memory, load before the run {load}"


class Profile:
    """A folder with everything; gone, with the processes that it started, when the `with` ends."""

    def __init__(self, program, tools):
        self.program, self.tools = program, tools
        self.processes = []

    def __enter__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="linkspan-bench-"))
        home = self.folder / "home"
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("LINKSPAN_")}
        for name in ("CONFIG", "DATA", "STATE"):
            self.environment[f"XDG_{name}_HOME"] = str(home / name.lower())
        self.config = home / "config/linkspan/config.toml"
        self.database = home / "data/linkspan/linkspan.db"
        self.state = home / "state/linkspan/serve.json"
        self.config.parent.mkdir(parents=True, mode=0o700)
        self.secret = secrets.token_hex(24)
        return self

    def __exit__(self, *_):
        for process in self.processes:
            # Asked first: nginx would leave its workers behind.
            if process.poll() is None:
                process.terminate()
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self, command, **options):
        process = subprocess.Popen(command, env=self.environment, **options)
        self.processes.append(process)
        return process

    def create_link(self, template, name, **fields):
        command = [self.program, "create-link", "--template", template, "--name", name]
        for key, value in fields.items():
            file = self.folder / f"field-{key}"
            file.write_text(value)
            file.chmod(0o600)
            command += ["--kv", f"{key}=@{file}"]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True)
        for file in self.folder.glob("field-*"):
            file.unlink()
        if done.returncode:
            raise Failed(f"create-link {template}: {done.stderr.strip()}")

    def serve(self, configuration):
        """Starts serve; its standard output (where the console destination prints) goes to /dev/null."""
        self.config.write_text(
            '[server]\nlisten = "127.0.0.1:0"\nadmin_listen = "127.0.0.1:0"\nlog_level = "warning"\n' + configuration)
        self.log = open(self.folder / "serve.log", "w+")
        self.served = self.start([self.program, "serve"], stdout=subprocess.DEVNULL, stderr=self.log)

        def address():
            if self.served.poll() is not None:
                raise Failed("serve ended by itself: " + self.log_end())
            return json.loads(self.state.read_text()) if self.state.exists() else None

        told = until(address, "serve listens")
        self.port = int(told["listen"].rpartition(":")[2])
        self.admin = told["admin_listen"]

    def log_end(self):
        self.log.seek(0)
        return "".join(self.log.readlines()[-5:]).replace(str(self.folder), "...")

    def metrics(self):
        with urllib.request.urlopen(f"http://{self.admin}/metrics", timeout=PATIENCE) as answer:
            lines = answer.read().decode().splitlines()
        pairs = (line.rsplit(" ", 1) for line in lines if line and not line.startswith("#"))
        return {name: float(value) for name, value in pairs}

    def peak_memory(self):
        status = pathlib.Path(f"/proc/{self.served.pid}/status").read_text()
        return int(re.search(r"VmHWM:\s+(\d+)", status)[1]) / 1024

    def cpu_seconds(self):
        fields = pathlib.Path(f"/proc/{self.served.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self):
        """Ends serve as a person would, and says how it ended."""
        self.served.send_signal(signal.SIGTERM)
        try:
            status = self.served.wait(PATIENCE)
        except subprocess.TimeoutExpired as late:
            raise Failed("serve did not stop") from late
        if status:
            raise Failed(f"serve ended with status {status}: " + self.log_end())

    def count(self, what):
        """After stop(): nobody else has the database open."""
        with sqlite3.connect(self.database) as database:
            return database.execute(f"SELECT count(*) FROM {what}").fetchone()[0]


def run(body):
    """Runs body(program, tools); a failure is one line and status 1."""
    program = os.environ.get("LINKSPAN_PROGRAM", "build/release/linkspan")
    tools = pathlib.Path(program).parent / "tests/bench"
    try:
        sys.stdout.reconfigure(line_buffering=True)
        body(program, tools)
    except Failed as failure:
        sys.exit(f"failed: {failure}")
