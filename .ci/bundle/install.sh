#!/bin/bash
# Install, update, patch or take back kyodo-geo from this folder, without any package source.
#
#   ./install.sh [--prefix FOLDER] [--public-key FILE] [--no-system]     install, or update (the former version stays)
#                [--front]                                               nginx and PgBouncer too
#   ./install.sh verify [--public-key FILE]                              look at the hashes and the signature only
#   ./install.sh back [--prefix FOLDER]                                  the version before the present one
#
# Every file is compared with SHA256SUMS before anything is changed; with --public-key the list's signature too. System
# packages come from the folder debs/ alone (the machine's own sources are not asked), Python packages from wheels/ alone,
# each with its hash. What a patch leaves out is taken from FOLDER/store, where former bundles put it.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")"

fail() { printf 'エラー: %s\n' "$@" >&2; exit 1; }
say() { printf '== %s\n' "$*" >&2; }

what=install prefix=/opt/kyodo-geo public_key='' system=yes front=''
while [[ $# -gt 0 ]]; do
    case $1 in
    install | verify | back) what=$1 ;;
    --prefix) prefix=${2:?}; shift ;;
    --public-key) public_key=${2:?}; shift ;;
    --no-system) system='' ;;
    --front) front=yes ;;
    *) fail "使い方: ./install.sh [install|verify|back] [--prefix フォルダー] [--public-key ファイル] [--no-system] [--front]" ;;
    esac
    shift
done
[[ $prefix == /* ]] || fail "--prefix は / から始まるフォルダーで指定してください。"

switch_to() { # switch_to VERSION: in one step, so that there is always one that works
    ln -sfn "versions/$1" "$prefix/.next"
    mv -Tf "$prefix/.next" "$prefix/current"
}

if [[ $what == back ]]; then
    former=$(readlink "$prefix/former" 2>/dev/null) || fail "前の版はありません。"
    present=$(readlink "$prefix/current")
    [[ -x $prefix/$former/venv/bin/kyodo-geo ]] || fail "前の版（$former）が壊れています。"
    switch_to "${former#versions/}"
    ln -sfn "$present" "$prefix/former"
    say "$former に戻しました（$present はそのまま残っています）。サービスを再起動してください。"
    exit 0
fi

# -- everything is looked at before anything is done ---------------------------------------------------------
if [[ -n $public_key ]]; then
    command -v openssl >/dev/null ||
        fail "署名を確かめる openssl が、この機械にありません（Debian 12 の標準の導入にはふくまれます）。"
    [[ -f SHA256SUMS.sig ]] || fail "署名（SHA256SUMS.sig）がありません。"
    message=$(mktemp)
    trap 'rm -f "$message"' EXIT
    { printf 'kyodo-geo bundle 1\0'; cat SHA256SUMS; } >"$message"
    openssl pkeyutl -verify -rawin -pubin -inkey "$public_key" -sigfile SHA256SUMS.sig -in "$message" >/dev/null 2>&1 ||
        fail "署名が合いません。途中で書き換えられたものです。"
    say "署名を確かめました。"
fi

while IFS= read -r file; do # nothing beside what is listed
    file=${file#./}
    case $file in SHA256SUMS | SHA256SUMS.sig) continue ;; esac
    grep -qxE "[0-9a-f]{64}  $(sed 's/[][\.*^$+?(){}|]/\\&/g' <<<"$file")" SHA256SUMS || fail "一覧にないファイルがあります: $file"
done < <(find . ! -type d)

taken=() # files of a patch that the store has to give
while IFS= read -r line; do
    sum=${line%%  *} file=${line#*  }
    [[ $sum =~ ^[0-9a-f]{64}$ && $file =~ ^[A-Za-z0-9._+~@%=-]+(/[A-Za-z0-9._+~@%=-]+)*$ && /$file/ != */../* ]] ||
        fail "SHA256SUMS を読めません: $line"
    found=$file
    if [[ ! -e $file ]]; then
        found=$prefix/store/$sum
        [[ -e $found ]] || fail "$file がなく、前の版の控え（$prefix/store）にもありません。" "元になった版を先に導入してください。"
        taken+=("$line")
    fi
    [[ $(sha256sum <"$found") == "$sum  -" ]] || fail "ハッシュが合いません: $file"
done <SHA256SUMS
say "$(wc -l <SHA256SUMS) 個のファイルのハッシュを確かめました（控えから ${#taken[@]} 個）。"
[[ $what == install ]] || exit 0

version=$(sed -n 's/^ *"id": "\([A-Za-z0-9._+-]*\)".*/\1/p' bundle.json)
[[ -n $version ]] || fail "bundle.json を読めません。"
mkdir -p "$prefix/versions" "$prefix/store"

# A folder of its own that is whole, whatever the patch left out.
work=$prefix/.work
rm -rf "$work"
mkdir -m 0755 "$work"
trap 'rm -rf "$work" ${message:+"$message"}' EXIT
while IFS= read -r line; do
    sum=${line%%  *} file=${line#*  }
    mkdir -p "$work/$(dirname "$file")"
    # One of the store that is spoilt is replaced where this bundle has it.
    [[ -e $file && -e $prefix/store/$sum && $(sha256sum <"$prefix/store/$sum") != "$sum  -" ]] && rm -f "$prefix/store/$sum"
    [[ -e $prefix/store/$sum ]] || { cp "$file" "$prefix/store/.$sum" && mv "$prefix/store/.$sum" "$prefix/store/$sum"; }
    ln "$prefix/store/$sum" "$work/$file" 2>/dev/null || cp "$prefix/store/$sum" "$work/$file"
done <SHA256SUMS
# What is used is what was looked at: a file of the store may have been spoilt, one of the folder changed meanwhile.
(cd "$work" && sha256sum --quiet --strict -c -) <SHA256SUMS >&2 ||
    fail "写し取ったファイルのハッシュが合いません（$prefix/store が壊れているか、途中で変えられました）。"
chmod -R a+rX "$work" "$prefix/store"

# -- system packages -------------------------------------------------------------------------------------------
if [[ -n $system ]]; then
    [[ $(id -u) -eq 0 ]] || fail "システムのパッケージの導入には root の権限が必要です（--no-system で省けます）。"
    . /etc/os-release
    [[ $ID == debian && $VERSION_ID == 12 ]] || fail "Debian 12 のための組です（この機械: ${PRETTY_NAME:-不明}）。"
    apt=$work/apt
    mkdir -p "$apt/lists/partial" "$apt/archives/partial"
    # Trusted because every file of it has just been compared with the list.
    printf 'deb [trusted=yes] file:%s ./\n' "$work/debs" >"$apt/sources.list"
    options=(-o "Dir::Etc::SourceList=$apt/sources.list" -o Dir::Etc::SourceParts=/dev/null -o "Dir::State::Lists=$apt/lists"
        -o "Dir::Cache::Archives=$apt/archives" -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache=
        -o APT::Sandbox::User=root -o Acquire::Languages=none -o DPkg::Lock::Timeout=300)
    dropin=/etc/postgresql-common/createcluster.d/kyodo-geo.conf
    made=''
    if [[ ! -e $dropin ]]; then # Debian would make and start a database of its own
        mkdir -p "$(dirname "$dropin")"
        printf 'create_main_cluster = false\n' >"$dropin"
        made=yes
    fi
    mapfile -t wanted <"$work/debs/wanted"
    [[ -z $front ]] || mapfile -t -O "${#wanted[@]}" wanted <"$work/debs/front"
    # Those of the bundle that are here in another version come too: a patch replaces one of them.
    mapfile -t here < <(dpkg-query -W -f '${Package} ${db:Status-Status}\n' | sed -n 's/ installed$//p' | sort)
    mapfile -t ours < <(sed -n 's/^Package: //p' "$work/debs/Packages" | sort -u)
    mapfile -t both < <(comm -12 <(printf '%s\n' "${here[@]}") <(printf '%s\n' "${ours[@]}"))
    DEBIAN_FRONTEND=noninteractive apt-get "${options[@]}" -q update >/dev/null
    DEBIAN_FRONTEND=noninteractive apt-get "${options[@]}" -qy --no-install-recommends install "${wanted[@]}" >&2
    [[ ${#both[@]} -eq 0 ]] ||
        DEBIAN_FRONTEND=noninteractive apt-get "${options[@]}" -qy --no-install-recommends --only-upgrade install "${both[@]}" >&2
    [[ -z $made ]] || rm -f "$dropin"
fi

# -- Python packages -------------------------------------------------------------------------------------------
target=$prefix/versions/$version
if [[ -x $target/venv/bin/kyodo-geo && -e $target/done ]]; then
    say "$version はすでに導入してあります。"
else
    rm -rf "$target"
    mkdir -p "$target"
    "${PYTHON:-python3}" -m venv "$target/venv"
    pip=("$target/venv/bin/python" -m pip --isolated --disable-pip-version-check --no-input install --quiet --no-index
        --find-links "$work/wheels" --no-deps --only-binary :all: --require-hashes)
    "${pip[@]}" -r "$work/requirements.lock"
    "${pip[@]}" -r "$work/own.lock"
    "$target/venv/bin/python" -m pip --isolated --disable-pip-version-check check >/dev/null
    cp SHA256SUMS "$work/bundle.json" "$target/"
    cp -r "$work/docs" "$work/licences" "$work/sbom.json" "$target/"
    "$target/venv/bin/kyodo-geo" --help >/dev/null
    touch "$target/done"
fi
present=$(readlink "$prefix/current" 2>/dev/null || true)
if [[ $present != "versions/$version" ]]; then
    [[ -z $present ]] || ln -sfn "$present" "$prefix/former"
    switch_to "$version"
fi
say "$version を導入しました: $prefix/current/venv/bin/kyodo-geo"
say "次に: $prefix/current/venv/bin/kyodo-geo db upgrade を実行し、サービスを再起動してください（systemctl restart）。戻すとき: ./install.sh back"
