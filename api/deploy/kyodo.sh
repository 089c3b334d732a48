#!/bin/sh
# サーバーで手で使う kyodo-geo。サービスと同じ設定で、サービスと同じデータベースに命令する。作り方: kyodo-geo deploy wrapper
#
#   kyodo …           サービスの利用者（kyodo）になって実行する。パスワードは pgpass
#   kyodo-owner …     スキーマの所有者としてつなぐ（db upgrade、db restore）。root のまま実行し、パスワードは pgpass-owner
set -eu
umask 077
folder=${KYODO_CONFIG_DIR:-/etc/kyodo-geo}
program=/opt/kyodo-geo/current/venv/bin/kyodo-geo

# 設定のファイルは systemd の EnvironmentFile の形。シェルとしては読まない。KYODO_ で始まる行だけを使う。
read_settings() {
    while IFS= read -r line || [ -n "$line" ]; do
        case $line in
        KYODO_*=\"*\" | KYODO_*=\'*\')
            value=${line#*=?}
            export "${line%%=*}=${value%?}"
            ;;
        KYODO_*=*) export "$line" ;;
        esac
    done <"$1"
}

[ "$(id -u)" -eq 0 ] || { echo "エラー: root で実行してください（sudo ${0##*/} …）。" >&2; exit 1; }
read_settings "$folder/kyodo-geo.env"
export KYODO_STATE_DIR=/var/lib/kyodo-geo
case ${0##*/} in
kyodo-owner)
    read_settings "$folder/backup.env"
    export PGPASSFILE="$folder/pgpass-owner"
    exec "$program" "$@"
    ;;
*)
    export PGPASSFILE="$folder/pgpass"
    # libpq は HOME に証明書を探し、root のものが読めないとつながない。
    export HOME="$KYODO_STATE_DIR"
    exec setpriv --reuid=kyodo --regid=kyodo --init-groups --no-new-privs "$program" "$@"
    ;;
esac
