#!/usr/bin/env bash
# The life of a pull request through a real Linkspan on loopback, in a throw-away profile. ./dev demo calls it.
set -euo pipefail
# shellcheck source=tests/support/shell.sh
. tests/support/shell.sh

linkspan=${LINKSPAN_PROGRAM:?the program to show}
patience=20 # seconds that any one thing may take
keep=no
stories=(cloud data-center)
while (($#)); do
    case $1 in
        --keep) keep=yes ;;
        --data-center) stories=(data-center) ;;
        *) usage_error "demo knows no '$1'" ;;
    esac
    shift
done

profile=$(mktemp -d "${TMPDIR:-/tmp}/linkspan-demo-XXXXXX")
log=$profile/serve.log
serve_pid=
admin= # the address of the admin listener, once serve has bound it
interrupted=no

finish()
{
    local status=$?
    trap '' INT TERM
    if [ -n "$serve_pid" ] && kill -0 "$serve_pid" 2>/dev/null; then kill -KILL "$serve_pid" 2>/dev/null || :; fi
    if ((status)); then
        if [ -s "$log" ]; then
            printf '\nThe end of the log of linkspan serve:\n' >&2
            tail -n 30 "$log" >&2
        fi
        if [ "$interrupted" = no ]; then printf '%sfailed:%s the demo did not end well\n' "$red" "$plain" >&2; fi
    fi
    rm -rf "$profile"
    exit "$status"
}
trap finish EXIT
trap 'interrupted=yes; exit 130' INT TERM

# Whatever the caller's shell says about a real profile must not leak into this one.
for name in $(compgen -v LINKSPAN_); do unset "$name"; done
export XDG_CONFIG_HOME=$profile/config XDG_DATA_HOME=$profile/data XDG_STATE_HOME=$profile/state

# address_of KEY: "127.0.0.1:PORT" out of what the running serve tells other commands; both ports are the kernel's choice.
address_of() { sed -n 's/.*"'"$1"'": *"\([^"]*\)".*/\1/p' "$XDG_STATE_HOME/linkspan/serve.json" 2>/dev/null; }

# http_get ADDRESS PATH: the whole answer; bash's own sockets, since a bare system has no curl.
http_get()
{
    (
        exec 3<>"/dev/tcp/${1%:*}/${1##*:}" || exit 1
        printf 'GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n' "$2" >&3
        timeout 5 cat <&3
    ) 2>/dev/null
}

# wait_until WHAT CONDITION...
wait_until()
{
    local what=$1 end=$((SECONDS + patience))
    shift
    until "$@"; do
        if ! kill -0 "$serve_pid" 2>/dev/null; then die "linkspan serve ended by itself"; fi
        if ((SECONDS > end)); then
            http_get "$admin" /metrics | grep -E '^linkspan_(inbox|deliver|held|oldest)' >>"$log" || :
            die "waited $patience s for this: $what"
        fi
        pause 0.1
    done
}

is_ready()
{
    admin=$(address_of admin_listen)
    [ -n "$admin" ] && http_get "$admin" /readyz | head -n 1 | grep -q ' 200 '
}

# Every delivery taken has become events, and every message that follows from them has been told.
all_told()
{
    http_get "$admin" /metrics | awk '
        /^linkspan_(inbox_deliveries|deliveries){state="pending"}/ { seen++; left += $NF }
        END { exit !(seen == 2 && left == 0) }
    '
}

# Nothing was set aside, given up or held.
all_went_well()
{
    http_get "$admin" /metrics | awk '
        /^linkspan_(inbox_deliveries|deliveries){state="(unrecognised|unreadable|dead)"}/ { seen++; lost += $NF }
        /^linkspan_held_destinations / { seen++; lost += $NF }
        END { exit !(seen == 4 && lost == 0) }
    '
}

make_secret() { head -c 24 /dev/urandom | od -An -v -tx1 | tr -d ' \n' >"$1"; }

make_links()
{
    umask 077
    mkdir -p "$XDG_CONFIG_HOME/linkspan"
    make_secret "$profile/cloud.secret"
    make_secret "$profile/data-center.secret"
    {
        "$linkspan" create-link --template bitbucket-webhook --name demo-cloud \
            --kv "webhook_secret=@$profile/cloud.secret"
        "$linkspan" create-link --template bitbucket-dc-webhook --name demo-data-center \
            --kv "webhook_secret=@$profile/data-center.secret"
        "$linkspan" create-link --template console --name demo-terminal
    } >>"$log" 2>&1
}

write_config()
{
    cat >"$XDG_CONFIG_HOME/linkspan/config.toml" <<TOML
[server]
listen = "127.0.0.1:0"
admin_listen = "127.0.0.1:0"

[[source]]
name = "cloud"
edition = "cloud"
instance = "bitbucket.org"
webhook = "demo-cloud"

[[source]]
name = "data-center"
edition = "data_center"
instance = "https://bitbucket.example.com"
webhook = "demo-data-center"

[[destination]]
name = "terminal"
link = "demo-terminal"

[[rule]]
repositories = ["**"]
destinations = ["terminal"]
TOML
}

start_serve()
{
    # A process group of its own: Ctrl-C reaches this script alone, which then asks it to stop, once.
    set -m
    "$linkspan" serve 2>>"$log" &
    serve_pid=$!
    set +m
    wait_until "linkspan serve to be ready" is_ready
}

stop_serve()
{
    local status=0
    kill -TERM "$serve_pid"
    wait "$serve_pid" || status=$?
    serve_pid=
    if ((status)); then die "linkspan serve ended with status $status"; fi
}

play()
{
    case $1 in
        cloud) step "Bitbucket Cloud: the life of a pull request" ;;
        data-center) step "Bitbucket Data Center: the same, without builds (it sends none)" ;;
    esac
    "$linkspan" send-sample "demo-$1" --story >>"$log" || die "send-sample could not play the story"
    wait_until "every delivery to be told" all_told
    all_went_well || die "a delivery was set aside, or a message not told"
}

serve_until_interrupted()
{
    say
    step "still serving; Ctrl-C ends it. In another terminal, for this profile:"
    say "  export XDG_CONFIG_HOME=$XDG_CONFIG_HOME XDG_DATA_HOME=$XDG_DATA_HOME XDG_STATE_HOME=$XDG_STATE_HOME"
    say "  $linkspan list-links"
    say "  $linkspan send-sample demo-cloud --story"
    say "  webhooks: http://$(address_of listen)/webhook/demo-cloud    metrics: http://$admin/metrics"
    trap 'interrupted=yes' INT TERM
    while [ "$interrupted" = no ] && kill -0 "$serve_pid" 2>/dev/null; do wait "$serve_pid" || :; done
    say
}

step "a throw-away profile, with links made by linkspan create-link"
make_links
write_config
"$linkspan" check >>"$log" || die "linkspan check does not like the demo's configuration"
start_serve
for story in "${stories[@]}"; do play "$story"; done
if [ "$keep" = yes ]; then serve_until_interrupted; fi
stop_serve

say
done_in "the demo is over, and its profile is gone"
say "Each line came out of a signed HTTP delivery, stored before it was answered, then routed and rendered."
say "What to do next:"
say "  ./dev install              put linkspan into ~/.local (no root), with its man page and a systemd user unit"
say "  README.md                  the first real set-up, with your Bitbucket and your Slack"
say "  docs/                      how-tos, reference, explanation, decisions"
say "  ./dev demo --keep          the same, and it goes on serving"
