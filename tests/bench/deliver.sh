#!/usr/bin/env bash
# ./dev bench deliver calls this with LINKSPAN_PROGRAM; --help lists the options.
set -euo pipefail
exec python3 -B "$(dirname "${BASH_SOURCE[0]}")/deliver.py" "$@"
