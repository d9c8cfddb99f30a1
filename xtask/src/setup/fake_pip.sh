#!/bin/sh
# Stands in for Python in the tests of setup: `python3 -m pip download ... --dest FOLDER`.
# FAKE_PIP says how it ends, FAKE_WHEEL is what it serves, FAKE_CALLS counts the downloads.
PATH=/usr/bin:/bin
case "$*" in
*--version*) echo "pip 24.0"; exit 0 ;;
-c*) [ -n "$FAKE_TORCH" ] && echo "$FAKE_TORCH"; exit ;; # where PyTorch is
esac
for dest; do :; done
mkdir -p "$dest"
echo download >> "$FAKE_CALLS"
case "$FAKE_PIP" in
succeed)
    cp "$FAKE_WHEEL" "$dest/" ;;
offline)
    echo "WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError(...)'" >&2
    echo "ERROR: No matching distribution found for torch==2.13.0" >&2
    exit 1 ;;
cut)
    echo half > "$dest/$(basename "$FAKE_WHEEL")"
    echo "pip._vendor.urllib3.exceptions.ProtocolError: IncompleteRead(5 bytes read)" >&2
    exit 2 ;;
killed)
    echo half > "$dest/$(basename "$FAKE_WHEEL")"
    kill -9 $$ ;;
altered)
    echo other > "$dest/$(basename "$FAKE_WHEEL")" ;;
full)
    echo half > "$TMPDIR/part"
    echo "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device" >&2
    exit 1 ;;
silent)
    echo "ERROR: Could not find a version that satisfies torch==2.13.0 (from versions: none)" >&2
    echo "ERROR: No matching distribution found for torch==2.13.0" >&2
    exit 1 ;;
invalid)
    echo "ERROR: Wheel 'torch' located at $TMPDIR/torch-2.13.0.whl is invalid." >&2
    exit 1 ;;
absent)
    echo "ERROR: Could not find a version that satisfies torch==2.13.0 (from versions: 2.11.0)" >&2
    echo "ERROR: No matching distribution found for torch==2.13.0" >&2
    exit 1 ;;
*)
    echo "ERROR: the moon is in the way." >&2
    exit 1 ;;
esac
