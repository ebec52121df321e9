# shellcheck shell=bash
# Debian packages by purpose, and how missing ones are installed. Sourced by ./dev.

# packages_of SET: what a purpose needs.
packages_of()
{
    case $1 in
        build)
            echo g++ cmake ninja-build pkg-config ccache mold \
                libboost1.81-dev libboost-json1.81-dev libboost-url1.81-dev libssl-dev libcurl4-openssl-dev \
                libsqlite3-dev libsqlitecpp-dev libspdlog-dev libfmt-dev libtomlplusplus-dev libcli11-dev \
                prometheus-cpp-dev libsimdjson-dev libcmark-gfm-dev libcmark-gfm-extensions-dev
            ;;
        test)
            echo libgtest-dev libgmock-dev python3 ca-certificates
            # Node may come from elsewhere, with npm inside and no package of that name: ask for the commands.
            command -v node >/dev/null || echo nodejs
            command -v npm >/dev/null || echo npm
            ;;
        browser) echo chromium ;;
        lint) echo python3 clang-format-14 ;;
        fuzz) echo clang-14 libclang-rt-14-dev ;;
        bench) echo wrk nginx-light python3 ;;
        fresh) echo debootstrap ;;
    esac
}

# installed PACKAGE
installed() { [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

# missing_of SET...: the packages of these sets that are not installed, one a line.
missing_of()
{
    local set_name package present
    local -a wanted=()
    for set_name; do
        # shellcheck disable=SC2207  # names of packages, without spaces
        wanted+=($(packages_of "$set_name"))
    done
    present=$(dpkg-query -W -f='${db:Status-Status} ${Package}\n' "${wanted[@]}" 2>/dev/null | sed -n 's/^installed //p') || :
    for package in "${wanted[@]}"; do
        grep -qxF "$package" <<<"$present" || echo "$package"
    done | sort -u
}

# need_packages SET...: installs what is missing, and removes nothing, ever.
need_packages()
{
    if ! command -v dpkg-query >/dev/null; then
        warn "this is no Debian; Linkspan is built on Debian 12. Going on with what is here."
        return
    fi
    local -a missing
    mapfile -t missing < <(missing_of "$@")
    if ((${#missing[@]} == 0)); then return; fi

    local system
    system=$(. /etc/os-release 2>/dev/null && echo "${ID:-unknown} ${VERSION_ID:-}")
    if [ "$system" != "debian 12" ]; then
        say "Missing packages: ${missing[*]}" >&2
        die "Linkspan is built on Debian 12 (bookworm); this is '$system'. Install them in your system's way, then call this again"
    fi

    local -a as_root=(env)
    if [ "$(id -u)" != 0 ]; then
        if ! command -v sudo >/dev/null; then
            die "packages are missing, and you are neither root nor is there sudo. As root, type:
  apt-get install --no-install-recommends ${missing[*]}"
        fi
        as_root=(sudo env)
    fi
    step "installing ${#missing[@]} Debian packages and what they depend on"
    note "${missing[*]}"
    local log=build/log/apt.log
    mkdir -p build/log
    if ! "${as_root[@]}" DEBIAN_FRONTEND=noninteractive apt-get update -q >"$log" 2>&1; then
        warn "apt-get update failed (no network?); trying with the package lists that are here"
    fi
    refuse_removals "${missing[@]}"
    if ! "${as_root[@]}" DEBIAN_FRONTEND=noninteractive apt-get install --no-install-recommends --no-remove -y -q \
        -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-confold "${missing[@]}" 2>&1 | tee -a "$log" | apt_progress; then
        tail -n 15 "$log" >&2
        die "apt-get could not install the packages (all of it: $log)"
    fi
}

# refuse_removals PACKAGE...: says which packages stand in the way, and what to type. Debian's Boost 1.74 and 1.81
# headers cannot be installed together, for one.
refuse_removals()
{
    local plan
    local -a removed
    plan=$(apt-get -s install --no-install-recommends "$@" 2>/dev/null) || return 0
    mapfile -t removed < <(sed -n 's/^Remv \([^ ]*\).*/\1/p' <<<"$plan")
    if ((${#removed[@]} == 0)); then return; fi
    die "these installed packages cannot stay beside the ones that Linkspan needs (it uses Boost 1.81):
  ${removed[*]}
Nothing was changed. If you can do without them, type this and call ./dev again:
  sudo apt-get remove ${removed[*]}"
}

# apt_progress: one line that counts on a terminal, a line for every fiftieth package in a log.
apt_progress()
{
    local terminal=0
    if [ -t 1 ]; then terminal=1; fi
    awk -v terminal="$terminal" '
        /^[0-9]+ upgraded, [0-9]+ newly installed/ { total = $1 + $3 }
        /^Need to get / { print "    " $0; fflush() }
        /^(Unpacking|Setting up) / {
            if (terminal) printf "\r\033[K    %d of %d  %s", ++count, 2 * total, substr($0, 1, 60)
            else if (++count % 50 == 0) printf "    %d of %d\n", count, 2 * total
            fflush()
        }
        END { if (terminal && count) printf "\r\033[K" }
    '
}
