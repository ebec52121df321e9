#!/usr/bin/env bash
# ./dev bench watch calls this with LINKSPAN_PROGRAM.
set -euo pipefail
if [ "${1:-}" = --help ]; then
    echo "usage: ./dev bench watch: requests and delays of watching on simulated days, beside a poll of each comment"
    exit 0
fi
exec "$(dirname "$LINKSPAN_PROGRAM")/tests/bench/bench_watch"
