#!/bin/sh
# setup.sh FOLDER SET: make the virtual environment FOLDER (if it is not there or does not run) and
# install the locked packages of SET (report, dev, docs or lab) and this package into it, in place.
# uv is used when it is there; without it, or when it fails (it does not read pip's settings), pip.
set -eu
venv=$1
wanted=$2
here=$(dirname "$0")
lock=$here/$wanted.lock
python=$venv/bin/python

say() { printf '%s\n' "$*" >&2; }

modern() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {
    for candidate in ${PYTHON:-} python3 python3.13 python3.12 python3.11 python; do
        if command -v "$candidate" >/dev/null 2>&1 && modern "$candidate"; then
            command -v "$candidate"
            return
        fi
    done
}

make_with_pip() {
    base=$(find_python)
    if [ -z "$base" ]; then
        say "No Python 3.11 or later was found. On Debian or Ubuntu:"
        say "    sudo apt-get install python3 python3-venv"
        say "or name one: make PYTHON=/path/to/python3.11 ..."
        exit 1
    fi
    "$base" -m venv --clear "$venv" >/dev/null 2>&1 && return
    # Debian leaves ensurepip out of python3; an installed pip can still fill an environment that has none.
    rm -rf "$venv"
    "$base" -m venv --without-pip "$venv" >/dev/null 2>&1 || true
    if [ -x "$python" ] && "$base" -m pip --python "$python" --version >/dev/null 2>&1; then
        return
    fi
    rm -rf "$venv"
    version=$("$base" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    say "$base cannot make a virtual environment: its venv module is not installed. On Debian or Ubuntu:"
    say "    sudo apt-get install python3-venv      (or python$version-venv)"
    say "then run the same make command again."
    exit 1
}

with_uv() {
    command -v uv >/dev/null 2>&1 || return 1
    if [ ! -x "$python" ]; then
        base=$(find_python)
        uv venv --quiet --clear --python "${base:->=3.11}" "$venv" || return 1
    fi
    uv pip install --quiet --python "$python" --require-hashes -r "$lock" || return 1
    uv pip install --quiet --python "$python" --no-deps --no-build-isolation -e "$here/.."
}

with_pip() {
    [ -x "$python" ] || make_with_pip
    if "$python" -m pip --version >/dev/null 2>&1; then
        set -- "$python" -m pip
    else
        base=$(find_python)
        if [ -z "$base" ] || ! "$base" -m pip --python "$python" --version >/dev/null 2>&1; then
            rm -rf "$venv"
            make_with_pip
            with_pip
            return
        fi
        set -- "$base" -m pip --python "$python"
    fi
    if ! "$@" install -qq --disable-pip-version-check --require-hashes -r "$lock"; then
        say "The packages of $lock could not be installed. The lines above say which, and why:"
        say "no network, a mirror that lacks a version (set yours in pip.conf), or a hash that differs."
        exit 1
    fi
    "$@" install -qq --disable-pip-version-check --no-deps --no-build-isolation -e "$here/.."
}

# An environment whose Python was removed or updated away does not run: begin again.
if [ -e "$venv" ] && ! modern "$python"; then
    rm -rf "$venv"
fi
say "Preparing $venv (packages to run '$wanted') ..."
with_uv || with_pip
