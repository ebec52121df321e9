# shellcheck shell=bash
# What the shell scripts of this project share: progress lines, errors, the nearest name. Sourced, never run.

if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
    bold=$'\e[1m' dim=$'\e[2m' red=$'\e[31m' green=$'\e[32m' plain=$'\e[0m'
else
    bold='' dim='' red='' green='' plain=''
fi

step() { printf '%s==>%s %s%s%s\n' "$green" "$plain" "$bold" "$*" "$plain"; }
say() { printf '%s\n' "$*"; }
note() { printf '    %s%s%s\n' "$dim" "$*" "$plain"; }
warn() { printf '%swarning:%s %s\n' "$red" "$plain" "$*" >&2; }
done_in() { printf '%s==>%s %s (%d s)\n' "$green" "$plain" "$*" "$SECONDS"; }

die()
{
    printf '%sfailed:%s %s\n' "$red" "$plain" "$*" >&2
    exit 1
}

usage_error()
{
    printf 'dev: %s. ./dev help says more.\n' "$*" >&2
    exit 2
}

# pause SECONDS: between two looks at something. bash's own read, so that no process is started for it.
pause() { read -rt "$1" <> <(:) || :; }

# thin_out: for logs. Of progress lines ("[3/92] ...", " 3/92 Test ... Passed") every tenth part, all others whole.
thin_out()
{
    awk '
        /^ +Start +[0-9]+: / || /^-- GLOB mismatch/ || /^Internal ctest changing/ || /Re-checking globbed directories/ { next }
        match($0, /^(\[| *)[0-9]+\/[0-9]+/) {
            split(substr($0, RSTART, RLENGTH), n, "/"); gsub(/[^0-9]/, "", n[1])
            is_boring = ($0 ~ /^\[/) || ($0 ~ /Passed +[0-9.]+ sec$/)
            tenth = int(10 * n[1] / n[2])
            if (is_boring && tenth == shown && n[2] == of) next
            shown = tenth; of = n[2]
        }
        { print; fflush() }
    '
}

# nearest WORD NAME...: the name that takes the fewest changes of one letter.
nearest()
{
    local word=$1 best='' best_distance=1000 name i j cost above left
    shift
    for name; do
        local -a row=()
        for ((j = 0; j <= ${#name}; j++)); do row[j]=$j; done
        for ((i = 1; i <= ${#word}; i++)); do
            above=${row[0]} row[0]=$i
            for ((j = 1; j <= ${#name}; j++)); do
                cost=1
                if [ "${word:i-1:1}" = "${name:j-1:1}" ]; then cost=0; fi
                left=$((above + cost)) above=${row[j]}
                if ((row[j] + 1 < left)); then left=$((row[j] + 1)); fi
                if ((row[j - 1] + 1 < left)); then left=$((row[j - 1] + 1)); fi
                row[j]=$left
            done
        done
        if ((row[${#name}] < best_distance)); then best=$name best_distance=${row[${#name}]}; fi
    done
    echo "$best"
}
