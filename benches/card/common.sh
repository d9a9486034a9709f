# What the long and the quick check of a card share. Sourced by card.sh.

# The programs: ours, the timers of variants, and the tests of both crates. `build FOLDER PROFILE [quick]`: the quick check
# needs fewer.
build() {
    mkdir -p "$1"
    built=${CARGO_TARGET_DIR:-target}/$([ "$2" = dev ] && echo debug || echo "$2")
    cargo build --profile "$2" --locked -p btpow --bins
    cargo build --profile "$2" --locked -p btpow-cuda --example card
    cp "$built/btpow" "$built/examples/card" "$1"
    if [ "${3:-}" != quick ]; then
        cargo build --profile "$2" --locked -p btpow-devnet --bins
        cargo build --profile "$2" --locked -p btpow-wgpu --example trial
        cp "$built/btpow-devnet" "$built/examples/trial" "$1"
    fi
    test_programs="cuda:device wgpu:software"
    test "${3:-}" != quick || test_programs=wgpu:software
    for crate in $test_programs; do
        package=btpow-${crate%:*} test=${crate#*:}
        # Cargo ends by saying where the test program is.
        program=$(cargo test --profile "$2" --locked --no-run -p "$package" --test "$test" 2>&1 |
            sed -n "s|.*Executable tests/$test.rs (\(.*\))\$|\1|p")
        cp "$program" "$1/test-${crate%:*}"
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
