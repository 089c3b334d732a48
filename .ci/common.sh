# Shared by the scripts of this folder; sourced, not run.

# Say what is wrong and what to do next, then stop.
fail() {
    printf 'エラー: %s\n' "$1" >&2
    shift
    local line
    for line in "$@"; do printf '  %s\n' "$line" >&2; done
    exit 1
}

# within LIMIT SECONDS NAME: stop when NAME took longer than LIMIT seconds.
within() {
    awk -v limit="$1" -v took="$2" 'BEGIN { exit !(took <= limit) }' ||
        fail "$3 に $(printf '%.1f' "$2") 秒かかりました（上限 $1 秒）。"
}

say() { printf '== %s\n' "$*" >&2; }

# Newest suitable interpreter: the distribution's own `python3` first, then versioned names.
find_python() {
    local candidate
    for candidate in python3 python3.11 python3.12 python3.13 python3.14; do
        if command -v "$candidate" >/dev/null 2>&1 &&
            "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$candidate"
            return 0
        fi
    done
    return 1
}
