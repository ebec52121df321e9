#!/usr/bin/env bash
# ./dev bench parse calls this with LINKSPAN_PROGRAM.
set -euo pipefail
if [ "${1:-}" = --help ]; then
    echo "usage: ./dev bench parse: events of our deliveries and, with LINKSPAN_PAYLOADS, of recorded ones, beside a bare parse;"
    echo "       then what a set of 1,000 rules costs an event"
    exit 0
fi
"$(dirname "$LINKSPAN_PROGRAM")/tests/bench/bench_parse"
"$(dirname "$LINKSPAN_PROGRAM")/tests/bench/bench_rules"
