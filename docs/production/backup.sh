#!/bin/sh
# Backs up a connector with `store: lmdb:./data`: stops it for the copy, some seconds. Usage: backup.sh FOLDER
set -eu
target="$1/$(date -u +%Y%m%dT%H%M%SZ)"
mkdir -p "$1"
umask 077
systemctl stop ilp-connector
trap 'systemctl start ilp-connector' EXIT
# The folder of the store, and the journal beside it, of one moment.
cp -a /var/lib/ilp-connector "$target.part"
mv "$target.part" "$target"
echo "$target"
