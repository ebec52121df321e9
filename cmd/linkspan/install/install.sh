#!/usr/bin/env bash
# The per-user install. Usage: install.sh install PROGRAM | install.sh uninstall. ./dev calls it from the root.
set -euo pipefail
# shellcheck source=tests/support/shell.sh
. tests/support/shell.sh

share=$HOME/.local/share
data_home=${XDG_DATA_HOME:-$share}
config_home=${XDG_CONFIG_HOME:-$HOME/.config}
program=$HOME/.local/bin/linkspan
man_page=$share/man/man1/linkspan.1 # man looks here because ~/.local/bin is on the PATH, whatever XDG says
completion=$data_home/bash-completion/completions/linkspan
unit=$config_home/systemd/user/linkspan.service
documents=$share/doc/linkspan
manifest=$documents/INSTALLED

# put SOURCE TARGET MODE: a new file beside the old, then a rename; a running program keeps its own.
put()
{
    mkdir -p "$(dirname "$2")"
    install -m "$3" "$1" "$2.new"
    mv -f "$2.new" "$2"
    echo "$2" | tee -a "$manifest" >>"$list"
}

user_systemd() { systemctl --user "$@" >/dev/null 2>&1; }

install_all()
{
    local built=$1
    [ -x "$built" ] || die "there is no program at $built"
    scratch=$(mktemp -d)
    trap 'rm -rf "$scratch"' EXIT
    list=$scratch/list
    mkdir -p "$documents"

    step "installing for $(id -un)"
    "$built" man >"$scratch/linkspan.1"
    "$built" completion bash >"$scratch/completion"
    sed "s|@PROGRAM@|$program|" cmd/linkspan/install/linkspan.service >"$scratch/unit"

    put "$built" "$program" 755
    put "$scratch/linkspan.1" "$man_page" 644
    put "$scratch/completion" "$completion" 644
    put "$scratch/unit" "$unit" 644
    local document
    for document in config.toml.example README.md CHANGELOG.md LICENSE; do
        if [ -f "$document" ]; then put "$document" "$documents/$document" 644; fi
    done
    while IFS= read -r document; do
        put "$document" "$documents/$document" 644
    done < <(find docs -type f \( -name '*.md' -o -name '*.svg' -o -name '*.png' \) 2>/dev/null | sort)
    # What an older version put there and this one does not have goes.
    sort -u "$manifest" | comm -23 - <(sort -u "$list") | xargs -r -d '\n' rm -f --
    install -m 644 "$list" "$manifest"
    user_systemd daemon-reload || :
    tell_what_next
}

tell_what_next()
{
    note "program      $program ($("$program" --version))"
    note "man page     $man_page"
    note "completion   $completion"
    note "systemd      $unit"
    note "documents    $documents"
    say
    local call=linkspan
    case :$PATH: in
        *:"$HOME/.local/bin":*) ;;
        *)
            say "$HOME/.local/bin is not on your PATH. Debian's ~/.profile adds it at the next login; until then:"
            say "  export PATH=\"\$HOME/.local/bin:\$PATH\""
            say
            ;;
    esac
    if [ -f "$config_home/linkspan/config.toml" ]; then
        say "Your settings and links are as they were. Next:"
        say "  $call check                                  # is the configuration still right?"
        if user_systemd is-active linkspan; then
            say "  systemctl --user restart linkspan               # go on with the new program"
            return
        fi
    else
        say "Next:"
        say "  $call link-templates                         # what can be linked, and what each needs"
        say "  $call create-link --help"
        say "  mkdir -p -m 700 $config_home/linkspan"
        say "  install -m 600 $documents/config.toml.example $config_home/linkspan/config.toml    # then edit it"
        say "  $call check"
    fi
    say "  systemctl --user enable --now linkspan           # or, in this terminal: linkspan serve"
    say "  sudo loginctl enable-linger $(id -un)            # keeps it running while you are logged out"
}

uninstall_all()
{
    if [ ! -f "$manifest" ]; then
        say "Nothing to remove: $manifest is not there."
        return
    fi
    step "uninstalling for $(id -un)"
    user_systemd disable --now linkspan || :
    local file
    while IFS= read -r file; do
        rm -f -- "$file"
        note "removed $file"
    done <"$manifest"
    rm -f -- "$manifest"
    find "$documents" -depth -type d -empty -delete
    user_systemd daemon-reload || :
    say
    say "Your data stay: settings in $config_home/linkspan, links and history in $data_home/linkspan,"
    say "state in ${XDG_STATE_HOME:-$HOME/.local/state}/linkspan. Remove these folders yourself if you want them gone."
}

case ${1:-} in
    install) install_all "$2" ;;
    uninstall) uninstall_all ;;
    *) die "install.sh install PROGRAM | uninstall" ;;
esac
