#!/bin/bash
# postgres_up.sh DIR PORT: a throwaway PostgreSQL server in DIR (new or empty) on 127.0.0.1:PORT, superuser postgres,
# password pw. Its process id is the first line of DIR/postmaster.pid, its log DIR/server.log.
set -euo pipefail
dir=$1 port=$2
cd "$(dirname "$dir")" # PostgreSQL's account may not be able to access the folder of the tests
bin=$(find /usr/lib/postgresql -path '*/bin/initdb' | sort --version-sort | tail -1 | xargs dirname)
if [ "$(id -u)" = 0 ]; then # PostgreSQL refuses to run as root
  install -d -o postgres -m 700 "$dir"
  exec setpriv --reuid=postgres --regid=postgres --init-groups env HOME="$dir" PATH="$PATH" "$0" "$@"
fi
password=$(mktemp)
printf pw >"$password"
"$bin/initdb" -D "$dir" -U postgres --pwfile="$password" --auth=scram-sha-256 -E UTF8 --locale=C.UTF-8 --no-sync >/dev/null
rm "$password"
cat >>"$dir/postgresql.conf" <<X
port = $port
listen_addresses = '127.0.0.1'
unix_socket_directories = '$dir'
shared_buffers = 64MB
X
"$bin/pg_ctl" -D "$dir" -w -t 30 -l "$dir/server.log" start >/dev/null
