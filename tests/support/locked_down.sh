#!/bin/bash
# Run a command as a user without rights, where only a tmpfs can be written (after `unshare --mount`).
# The one right that is left is to read all files: the tests' Python may be in root's own folder.
set -euo pipefail
mount -o remount,ro,bind /
mount -t tmpfs -o mode=1777 tmpfs /mnt
export TMPDIR=/mnt HOME=/mnt
rights=-all,+dac_read_search
exec setpriv --reuid 54321 --regid 54321 --clear-groups \
  --inh-caps "$rights" --ambient-caps "$rights" --bounding-set "$rights" "$@"
