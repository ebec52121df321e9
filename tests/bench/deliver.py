"""From durable to delivered: messages over 50 conversations to a local service that answers like Slack."""

import argparse
import signal
import subprocess

import deliveries
import running

CONVERSATIONS = 50
PATH = "/webhook/bench"
PENDING = 'linkspan_inbox_deliveries{state="pending"}'
WAITING = 'linkspan_deliveries{state="pending"}'
DELIVERED = 'linkspan_delivery_attempts_total{destination="chat",outcome="accepted"}'
# The answers are held back while the messages are made: no request may give up meanwhile.
RULES = '''request_timeout_seconds = 300

[[destination]]
name = "chat"
link = "chat"
channel = "C0BENCH"

[[rule]]
destinations = ["chat"]
'''


def preload(profile, tools, count):
    """Every delivery digested, every message planned and none delivered."""
    file = profile.folder / "deliveries"
    deliveries.write_conversations(file, profile.secret.encode(), count, CONVERSATIONS)
    done = subprocess.run(
        [str(tools / "bench_load"), str(profile.port), PATH, str(file), str(count), str(CONVERSATIONS)],
        capture_output=True, text=True, timeout=300)
    if done.stdout.strip() != str(count):
        raise running.Failed(f"{done.stdout.strip() or 0} of {count} deliveries were taken")
    running.until(lambda: True if profile.metrics()[PENDING] == 0 else None, "the inbox is digested", 300)
    waiting = profile.metrics()[WAITING]
    if waiting != count:
        raise running.Failed(f"{waiting:.0f} messages wait, not {count}")


def measure(program, tools):
    parser = argparse.ArgumentParser(prog="./dev bench deliver")
    parser.add_argument("--messages", type=int, default=10_000)
    count = parser.parse_args().messages

    print(running.machine())
    with running.Profile(program, tools) as profile:
        sink = profile.start([str(tools / "bench_sink"), str(count)], stdout=subprocess.PIPE, text=True)
        port = int(sink.stdout.readline())
        profile.create_link("bitbucket-webhook", "bench", webhook_secret=profile.secret)
        profile.create_link("slack-bot-token", "chat", bot_token="xoxb-bench", api_url=f"http://127.0.0.1:{port}/api/")
        profile.serve(RULES)
        preload(profile, tools, count)
        print(f"{count:,} messages over {CONVERSATIONS} conversations are durable; a local sink answers like Slack")
        cpu = profile.cpu_seconds()
        sink.send_signal(signal.SIGUSR1)
        delivered, seconds, faults = sink.stdout.readline().split()
        cpu = profile.cpu_seconds() - cpu
        running.until(lambda: True if profile.metrics()[WAITING] == 0 else None, "all is settled")
        accepted = profile.metrics().get(DELIVERED, 0)
        profile.stop()
        sink.send_signal(signal.SIGUSR1)
        print(f"delivered: {int(delivered):,} in {seconds} s; {1e6 * cpu / count:.0f} us of CPU for each; "
              f"peers saw {faults} out of order or twice")
        done = profile.count("delivery WHERE state = 1")
        if int(faults) or accepted != count or done != count:
            raise running.Failed(f"{faults} out of order, {accepted:.0f} accepted and {done} done of {count}")
    print(f"delivered/s: {count / float(seconds):.0f}")


if __name__ == "__main__":
    running.run(measure)
