#!/usr/bin/env bash
# ./dev bench links calls this with LINKSPAN_PROGRAM.
set -euo pipefail
if [ "${1:-}" = --help ]; then
    echo "usage: ./dev bench links: tokens of 1,000 links, 200 callers at the end of a token, list-links with 10,000 links"
    exit 0
fi
exec "$(dirname "$LINKSPAN_PROGRAM")/tests/bench/bench_links"
