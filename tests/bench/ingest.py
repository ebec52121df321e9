"""Signed deliveries into `linkspan serve` as shipped, side by side with nginx answering 202 to the same requests."""

import argparse
import os
import pathlib
import socket
import subprocess

import deliveries
import running

HERE = pathlib.Path(__file__).resolve().parent
BODIES = 1000
CONNECTIONS = 64
PATH = "/webhook/bench"
RULES = '''
[[destination]]
name = "screen"
link = "screen"

[[rule]]
destinations = ["screen"]
'''
COMMITS = "linkspan_store_commit_writes"
PENDING = 'linkspan_inbox_deliveries{state="pending"}'
CONNECTIONS_OPEN = "linkspan_http_connections"
ACCEPTED = 'linkspan_webhooks_received_total{result="accepted"}'


class Round:
    """What wrk said of one round."""

    def __init__(self, text):
        line = next((one for one in text.splitlines() if one.startswith("wrk: ")), None)
        if line is None:
            raise running.Failed("wrk says nothing: " + text)
        requests, seconds, p50, p99, failed = (float(part) for part in line.split()[1:])
        self.requests, self.failed = int(requests), int(failed)
        self.rate, self.p50, self.p99 = requests / seconds, p50 / 1000, p99 / 1000

    def text(self):
        return f"{self.rate:9,.0f} requests/s   p50 {self.p50:6.2f} ms   p99 {self.p99:6.2f} ms   failed {self.failed}"


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def start_nginx(profile):
    """Workers auto, no access log; reads and drops the body before the next request, as it does for every `return`."""
    port = free_port()
    folder = profile.folder / "nginx"
    folder.mkdir()
    user = "user root;" if os.getuid() == 0 else ""
    paths = "".join(f"{name}_temp_path {name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    (folder / "nginx.conf").write_text(f'''{user} daemon off; worker_processes auto; pid nginx.pid;
events {{ worker_connections 1024; }}
http {{ access_log off; keepalive_requests 1000000000; client_max_body_size 1m; {paths}
  server {{ listen 127.0.0.1:{port}; location {PATH} {{ return 202; }} }} }}
''')
    profile.start(["nginx", "-p", str(folder), "-c", "nginx.conf", "-e", "error.log"], stdout=subprocess.DEVNULL,
                  stderr=subprocess.DEVNULL)

    def is_listening():
        with socket.socket() as one:
            return port if one.connect_ex(("127.0.0.1", port)) == 0 else None

    return running.until(is_listening, "nginx listens")


def wrk(port, file, seconds):
    done = subprocess.run(
        ["wrk", "-t2", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency", "-s", str(HERE / "deliveries.lua"),
         f"http://127.0.0.1:{port}{PATH}", "--", str(file), PATH],
        capture_output=True, text=True, timeout=seconds + running.PATIENCE)
    return Round(done.stdout + done.stderr)


def alternate(profile, nginx_port, file, seconds, rounds):
    """nginx, linkspan, nginx, linkspan, ...: what else the machine does meets both."""
    nginx, linkspan = [], []
    for _ in range(rounds):
        nginx.append(wrk(nginx_port, file, seconds))
        print("nginx    " + nginx[-1].text())
        before, cpu = settled_metrics(profile), profile.cpu_seconds()
        linkspan.append(wrk(profile.port, file, seconds))
        cpu, after = profile.cpu_seconds() - cpu, profile.metrics()
        print("linkspan " + linkspan[-1].text())
        commits = after[COMMITS + "_count"] - before[COMMITS + "_count"]
        writes = after[COMMITS + "_sum"] - before[COMMITS + "_sum"]
        kept = after[ACCEPTED] - before.get(ACCEPTED, 0)
        digested = kept - (after[PENDING] - before[PENDING])
        print(f"         backlog {after[PENDING]:,.0f}; {commits:,.0f} commits, {writes / max(commits, 1):.1f} writes and "
              f"{kept / max(commits, 1):.1f} deliveries each; {digested / seconds:,.0f} digested/s; "
              f"{1e6 * cpu / max(kept, 1):.0f} us of CPU for each delivery")
    return nginx, linkspan


def settled_metrics(profile):
    """Once the requests that wrk left behind are answered too."""
    seen = []

    def is_settled():
        seen.append(profile.metrics())
        if len(seen) > 1 and seen[-1].get(ACCEPTED) == seen[-2].get(ACCEPTED) and seen[-1][CONNECTIONS_OPEN] == 0:
            return seen[-1]
        return None

    return running.until(is_settled, "the last requests are answered")


def mean(rounds):
    return sum(one.rate for one in rounds) / len(rounds)


def measure(program, tools):
    parser = argparse.ArgumentParser(prog="./dev bench ingest")
    parser.add_argument("--seconds", type=int, default=10, help="of each round")
    parser.add_argument("--rounds", type=int, default=2, help="of each server")
    parser.add_argument("--deliveries", type=int, default=200_000, help="that pass before memory is told; 0: none")
    options = parser.parse_args()

    print(running.machine())
    with running.Profile(program, tools) as profile:
        file = profile.folder / "deliveries"
        deliveries.write_mixed(file, profile.secret.encode(), BODIES)
        profile.create_link("bitbucket-webhook", "bench", webhook_secret=profile.secret)
        profile.create_link("console", "screen")
        profile.serve(RULES)
        nginx_port = start_nginx(profile)
        print(f"{BODIES} signed bodies of {deliveries.BODY_BYTES / 1000:g} kB, {CONNECTIONS} connections, "
              f"{options.rounds} rounds of {options.seconds} s each; digest and a console destination on")
        nginx, linkspan = alternate(profile, nginx_port, file, options.seconds, options.rounds)
        answered = sum(one.requests for one in linkspan)
        counted = 0
        if options.deliveries:
            before = profile.metrics().get(ACCEPTED, 0)
            print(f"memory: {profile.peak_memory():.0f} MB at most after {before:,.0f} deliveries")
            done = subprocess.run(
                [str(tools / "bench_load"), str(profile.port), PATH, str(file), str(options.deliveries), str(CONNECTIONS)],
                capture_output=True, text=True, timeout=300)
            counted = int(done.stdout)
            peak = profile.peak_memory()
            print(f"memory: {peak:.0f} MB at most after {options.deliveries:,} more")
        metrics = settled_metrics(profile)
        print(f"backlog at the end: {metrics[PENDING]:,.0f} deliveries that are kept and not digested yet")
        profile.stop()
        rows = profile.count("inbox")
        check_rows(rows, metrics[ACCEPTED], answered, counted, options.rounds)
        if any(one.failed for one in nginx + linkspan):
            raise running.Failed("there were requests without a 2xx answer")
    print(f"requests/s: nginx {mean(nginx):,.0f}, linkspan {mean(linkspan):,.0f}; "
          f"p99 of linkspan {max(one.p99 for one in linkspan):.1f} ms")
    print(f"ratio: {mean(linkspan) / mean(nginx):.2f}")


def check_rows(rows, accepted, answered, counted, rounds):
    """One row for each 2xx. wrk leaves without reading its last answers: at most one for each connection and round."""
    print(f"rows in the inbox: {rows:,}; answered 202: {accepted:,.0f}; of these seen by the clients: {answered + counted:,}")
    unseen = rows - answered - counted
    if rows != accepted or not 0 <= unseen <= rounds * CONNECTIONS:
        raise running.Failed("the rows of the inbox are not what was answered 2xx")


if __name__ == "__main__":
    running.run(measure)
