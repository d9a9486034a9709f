# What the long and the quick check of a card share. Sourced by card.sh.

# The programs: ours, the timers of variants, and the tests of both crates. `build FOLDER PROFILE [quick]`: the quick check
# needs fewer.
build() {
    mkdir -p "$1"
    built=${CARGO_TARGET_DIR:-target}/$([ "$2" = dev ] && echo debug || echo "$2")
    # All of the workspace, so that dependencies have the features that they have in `cargo test --workspace`, and none is
    # compiled again.
    cargo build --workspace --profile "$2" --locked --bin btpow --example card
    cp "$built/btpow" "$built/examples/card" "$1"
    if [ "${3:-}" != quick ]; then
        cargo build --workspace --profile "$2" --locked --bin btpow-devnet --example trial
        cp "$built/btpow-devnet" "$built/examples/trial" "$1"
    fi
    tests="cuda:device wgpu:software"
    test "${3:-}" != quick || tests=wgpu:software
    for test in $tests; do
        file=${test#*:}
        # Cargo ends by saying where the test program is.
        program=$(cargo test --workspace --profile "$2" --locked --no-run --test "$file" 2>&1 |
            sed -n "s|.*Executable tests/$file.rs (\(.*\))\$|\1|p")
        cp "$program" "$1/test-${test%:*}"
    done
    strip "$1"/* 2>/dev/null || true
}

# The first card's name by NVIDIA's driver, and a file name made of it.
name_card() {
    day=$(date -u +%Y-%m-%d)
    card=$(nvidia-smi --query-gpu=name --format=csv,noheader 2>/dev/null | head -n 1 || true)
    wgpu=${WGPU:-$card}
    name=$(printf %s "${card:-${wgpu:-card}}" | tr 'A-Z ' 'a-z-' | tr -cd 'a-z0-9-')
}

# Sets `cuda` and `number` to the names of the card in the flags of `btpow`; both are empty where it has none.
name_devices() {
    cuda= number=
    devices=$(timeout 20 "$bin/btpow" devices --json | tr '{' '\n')
    case $devices in
    *'"kind":"cuda"'*) cuda=cuda ;;
    esac
    test -z "$wgpu" || number=$(printf %s "$devices" | grep '"kind":"wgpu"' | grep -F "$wgpu" |
        sed -n 's/.*"name":"\(wgpu:[0-9]*\)".*/\1/p' | head -n 1)
}

# Says where the record is and what failed; the end of the script.
verdict() {
    echo "written to $record" >&2
    test -e "$scratch/failed" || exit 0
    echo "these failed:" >&2
    cat "$scratch/failed" >&2
    exit 1
}
