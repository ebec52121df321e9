#!/usr/bin/env bash
# Proves in a bare Debian 12 that no step of the set-up is missing. As root; ./dev fresh calls it. Usage: [--quick]
#
# It runs twice. The outer run makes the folder, starts the inner run in mount and process namespaces of its own, and
# removes the folder. All mounts live in the inner namespace: when that ends, however it ends, they are gone, so the
# removal cannot go through one.
set -euo pipefail
# shellcheck source=tests/support/shell.sh
. tests/support/shell.sh

cache=${XDG_CACHE_HOME:-$HOME/.cache}/linkspan/fresh
base=$cache/bookworm.tar
packages=$cache/packages
npm_cache=$cache/npm
project=$PWD

# The machine's own mirror, so that a private one and its proxy are used.
mirror_of()
{
    local found
    found=$(apt-get indextargets --format '$(REPO_URI) $(RELEASE)' 'Created-By: Packages' 2>/dev/null |
        awk -v release="$1" '$2 == release { print $1; exit }') || :
    echo "${found:-$2}"
}

make_base()
{
    if [ -n "$(find "$base" -mtime -14 2>/dev/null)" ]; then return; fi
    step "making a bare Debian 12 (kept in $cache)"
    local new=$folder/base
    mkdir -p "$cache"
    debootstrap --variant=minbase --include=git,ca-certificates bookworm "$new" \
        "$(mirror_of bookworm http://deb.debian.org/debian)" >"$folder/debootstrap.log" 2>&1 || {
        tail -n 15 "$folder/debootstrap.log" >&2
        die "debootstrap failed"
    }
    tar -C "$new" --one-file-system --numeric-owner --exclude='./var/cache/apt/archives/*.deb' -cf "$base.new" .
    mv "$base.new" "$base"
    rm -rf --one-file-system "$new"
}

# What the machine knows of mirrors, proxies and certificates; of its packages nothing.
configure_network()
{
    local debian security
    debian=$(mirror_of bookworm http://deb.debian.org/debian)
    security=$(mirror_of bookworm-security http://deb.debian.org/debian-security)
    cat >"$system/etc/apt/sources.list" <<LIST
deb $debian bookworm main
deb $debian bookworm-updates main
deb $security bookworm-security main
LIST
    apt-config dump 2>/dev/null | grep -E '^Acquire::(http|https|Check|Retries|Languages)' >"$system/etc/apt/apt.conf.d/90host" || :
    echo 'Binary::apt::APT::Keep-Downloaded-Packages "true"; APT::Keep-Downloaded-Packages "true";' \
        >"$system/etc/apt/apt.conf.d/91keep"
    cp -L /etc/resolv.conf "$system/etc/resolv.conf"
    cp -L /etc/hosts "$system/etc/hosts" 2>/dev/null || :
    if compgen -G '/usr/local/share/ca-certificates/*.crt' >/dev/null; then
        cp /usr/local/share/ca-certificates/*.crt "$system/usr/local/share/ca-certificates/"
        chroot "$system" update-ca-certificates >/dev/null 2>&1
    fi
}

outer()
{
    folder=$(mktemp -d /var/tmp/linkspan-fresh-XXXXXX)
    system=$folder/system
    mkdir "$system"
    trap 'rm -rf --one-file-system "$folder"' EXIT
    trap 'exit 130' INT TERM
    make_base
    step "a copy of it in $system"
    tar -C "$system" --numeric-owner -xf "$base"
    configure_network
    mkdir -p "$packages/partial" "$npm_cache"
    if [ -n "$(git status --porcelain 2>/dev/null)" ]; then warn "what is not committed is not in the clone"; fi
    local head
    head=$(git rev-parse HEAD)
    git -c safe.directory='*' -c advice.detachedHead=false clone --quiet --no-hardlinks "$project" "$system/srv/linkspan"
    git -C "$system/srv/linkspan" checkout --quiet --detach "$head"
    note "commit $(git log -1 --format='%h %s')"
    unshare --mount --propagation private --pid --fork --kill-child \
        bash tests/support/fresh.sh --inside "$system" "$@"
}

mount_all()
{
    mount -t proc proc "$system/proc"
    mount -t tmpfs -o mode=1777 tmpfs "$system/dev/shm"
    mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts "$system/dev/pts"
    mount --bind "$packages" "$system/var/cache/apt/archives"
    mkdir -p "$system/root/.npm"
    mount --bind "$npm_cache" "$system/root/.npm"
    # Compiles what was compiled before in seconds. A header or library that is missing is missed all the same.
    if [ -n "${LINKSPAN_FRESH_CCACHE:-}" ]; then
        mkdir -p "$system/root/.cache/ccache"
        mount --bind "$LINKSPAN_FRESH_CCACHE" "$system/root/.cache/ccache"
    fi
    if [ -d ../shared ]; then
        mkdir -p "$system/srv/shared"
        mount --bind ../shared "$system/srv/shared"
        mount -o remount,bind,ro "$system/srv/shared"
    fi
}

# within COMMAND...: in the bare system, with nothing of this shell's environment but the way to the network.
within()
{
    local name
    local -a kept=()
    for name in http_proxy https_proxy no_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY LINKSPAN_JOBS TERM; do
        if [ -n "${!name:-}" ]; then kept+=("$name=${!name}"); fi
    done
    env -i "${kept[@]}" PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 HOME=/root \
        NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt chroot "$system" "$@"
}

# timed TITLE COMMAND...
timed()
{
    local title=$1 begin=$SECONDS
    shift
    step "fresh: $title"
    "$@" || die "fresh: $title"
    times+=("$(printf '%5d s  %s' $((SECONDS - begin)) "$title")")
}

in_project() { within sh -c 'cd /srv/linkspan && exec "$@"' sh "$@"; }

# The same with no network but loopback, which has to be switched on in a new network namespace.
loopback_up='
import fcntl, socket, struct
s = socket.socket()
fcntl.ioctl(s, 0x8914, struct.pack("16sh14x", b"lo", 0x1 | 0x40))'
in_project_offline()
{
    export -f within
    export system
    unshare --net bash -c 'set -e; within python3 -c "$0"; within sh -c "cd /srv/linkspan && exec \"\$@\"" sh "$@"' \
        "$loopback_up" "$@"
}

as_user() { within su - ann -c "cd /srv/linkspan && LINKSPAN_JOBS=${LINKSPAN_JOBS:-} && export LINKSPAN_JOBS && $1"; }

install_as_user()
{
    within useradd --create-home --shell /bin/bash ann &&
        within chown -R ann: /srv/linkspan &&
        as_user './dev install' &&
        as_user 'PATH=~/.local/bin:$PATH && linkspan --version && linkspan link-templates >/dev/null' &&
        as_user 'test -s ~/.local/share/man/man1/linkspan.1 && test -s ~/.config/systemd/user/linkspan.service' &&
        as_user './dev uninstall && ! test -e ~/.local/bin/linkspan && ! test -e ~/.config/systemd/user/linkspan.service'
}

inside()
{
    system=$1
    shift
    local quick=no
    if [ "${1:-}" = --quick ]; then quick=yes; fi
    times=()
    mount_all
    timed "./dev demo" in_project ./dev demo
    timed "./dev test" in_project ./dev test
    if [ "$quick" = no ]; then
        timed "./dev demo again, without network" in_project_offline ./dev demo
        timed "./dev test again, without network" in_project_offline ./dev test
    fi
    timed "./dev install and uninstall, as an ordinary user" install_as_user
    say
    printf '%s\n' "${times[@]}"
    say "fresh: passed"
}

case ${1:-} in
    --inside) inside "${@:2}" ;;
    "" | --quick) outer "$@" ;;
    *) usage_error "fresh knows no '$1'" ;;
esac
