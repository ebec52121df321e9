#!/usr/bin/env bash
# ./dev bench ingest calls this with LINKSPAN_PROGRAM; --help lists the options.
set -euo pipefail
exec python3 -B "$(dirname "${BASH_SOURCE[0]}")/ingest.py" "$@"
