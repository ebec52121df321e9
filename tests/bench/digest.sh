#!/usr/bin/env bash
# ./dev bench digest calls this with LINKSPAN_PROGRAM.
set -euo pipefail
if [ "${1:-}" = --help ]; then
    echo "usage: ./dev bench digest: 20,000 rows of the inbox into events, snapshots and deliveries, beside a bare insert"
    exit 0
fi
exec "$(dirname "$LINKSPAN_PROGRAM")/tests/bench/bench_digest"
