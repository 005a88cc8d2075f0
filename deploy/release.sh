#!/bin/sh
# Make the release this script lies in the one that runs: FOLDER/releases/NAME/deploy/release.sh, on the server.
# A step that fails leaves the release that runs as it is; one that does not become ready gives way to the one before.
set -eu
umask 022 # the account of the service reads what this one writes

release=$(cd "$(dirname "$0")/.." && pwd -P)
folder=$(dirname "$(dirname "$release")")
service=synthetic-backend
kept=3
before=$(readlink "$folder/current" || true)

use() { # Point `current` at a release, in one step.
  ln -sfn "$1" "$folder/current.next"
  mv -T "$folder/current.next" "$folder/current"
}

restart() { sudo -n systemctl restart "$service"; }

ready() { # Wait up to a minute for the web process.
  port=$(sed -n 's/^PORT=//p' "$folder/.env" | tail -n 1)
  curl --silent --show-error --fail --output /dev/null --retry 30 --retry-delay 2 --retry-all-errors --retry-max-time 60 \
    "http://127.0.0.1:${port:-8000}/readyz"
}

cd "$release"
ln -sfn "$folder/.env" .env

"${PYTHON:-python3}" -m venv .venv
.venv/bin/python -m pip install --quiet --require-hashes --requirement requirements.lock
.venv/bin/python -m pip install --quiet --no-deps --no-build-isolation .

# The release that runs goes on meanwhile: every migration suits both.
.venv/bin/python -m alembic upgrade head

use "releases/$(basename "$release")"
restart
if ! ready; then
  echo "the release is not ready: see journalctl -u $service" >&2
  if [ -n "$before" ] && [ -d "$folder/$before" ]; then
    echo "back to $before" >&2
    use "$before"
    restart
  fi
  exit 1
fi

# Newest first; the one that ran before stays for a way back.
# shellcheck disable=SC2012 # the names are the workflow's own: hexadecimal digits and hyphens
ls -1t "$folder/releases" | tail -n "+$((kept + 1))" | while read -r old; do
  case "releases/$old" in
    "$before" | "releases/$(basename "$release")") ;;
    *) rm -rf "${folder:?}/releases/$old" ;;
  esac
done
