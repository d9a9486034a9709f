#!/bin/sh
# Checks, then times, everything that needs a graphics card, and writes a dated record: CUDA, and wgpu
# through Vulkan on the same card.
#
# usage: benches/card.sh [RECORD]
#        benches/card.sh --quick [RECORD]     the most important in eight minutes: see card/quick.sh
#        benches/card.sh --quick --dry-run    the same without a card, with short times: see card/dry-run.sh
#        benches/card.sh --build FOLDER [quick]
#
# Builds what it runs. On a machine without Rust, BTPOW_CARD_BIN names a folder of programs that `--build` filled on
# another one; with `quick`, only those of the quick check, which must be less than 60 MiB together.
#
# WGPU=NAME           the card for wgpu, or a part of its name; unset: the name that nvidia-smi gives
# SOAK=120            seconds of each soak; there is one for each protocol and interface
# TURNS=5 SECONDS_EACH=2   turns of each variant, shape and protocol, and how long each is
# TUNE=60             seconds for tuning each device
# FOLLOW=60           seconds to follow a test chain; needs Node.js and the results of `btpow-devnet --build`
# PEERS=no            leaves the other programs out
set -eu

cd "$(dirname "$0")/.."
soak=${SOAK:-120} turns=${TURNS:-5} seconds=${SECONDS_EACH:-2} tune=${TUNE:-60} follow=${FOLLOW:-60}

. benches/card/common.sh

usage() { sed -n '/^# usage:/,/^#$/s/^# //p' benches/card.sh; }

mode=
case ${1:-} in
--build | --quick) mode=$1 && shift ;;
esac
test "$mode ${1:-}" != '--quick --dry-run' || exec sh benches/card/dry-run.sh
# What is left are names. A mistyped flag must not become the record's, after minutes of building.
for argument; do
    case $argument in
    --help | -h) usage && exit ;;
    -*) echo "benches/card.sh has no flag $argument here" >&2 && usage >&2 && exit 2 ;;
    esac
done

if [ "$mode" = --build ]; then
    build "${1:?where the programs go}" release "${2:-}"
    size=$(du -sm "$1" | cut -f1)
    test "${2:-}" != quick || [ "$size" -lt 60 ] || { echo "$1 has $size MiB, too many to travel: 60 at most" >&2 && exit 1; }
    exit
fi
quick=${mode:+quick}
if [ -n "${BTPOW_CARD_BIN:-}" ]; then
    bin=$(cd "$BTPOW_CARD_BIN" && pwd)
else
    bin=${CARGO_TARGET_DIR:-$PWD/target}/card
    build "$bin" release "$quick"
fi
name_card
record=${1:-benches/record/$day-card-${quick:+quick-}$name.md}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
# Earlier runs must not influence this one, and this one must leave nothing in the user's cache. Only the
# compiled test chain is shared.
people=${XDG_CACHE_HOME:-$HOME/.cache}
export XDG_CACHE_HOME="$scratch/cache" NODEVICE_SELECT=1

if [ -n "$quick" ]; then
    mkdir -p "$scratch/cuda" "$scratch/gl"
    export CUDA_CACHE_PATH="$scratch/cuda" __GL_SHADER_DISK_CACHE_PATH="$scratch/gl"
    . benches/card/quick.sh
    verdict
fi

section() { printf '\n## %s\n\n' "$1"; }
# Shows a command and its output. If it fails, the record continues, and the script ends with 1.
shown() {
    printf '```\n$ %s\n' "$*" | sed "s|$bin/||g; s|$scratch|SCRATCH|g"
    "$@" 2>&1 || { echo "FAILED with $?" && echo "$*" >>"$scratch/failed"; }
    printf '```\n\n'
}
without() { printf 'Left out: %s.\n\n' "$1"; }

# Measures the time from the signal to the end of the program, during a search that finds nothing; three times.
stop() {
    for turn in 1 2 3; do
        "$bin/btpow" solve --netuid 1 --block-hash "$block" --hotkey "$bob" --coldkey "$alice" \
            --difficulty 18446744073709551615 --device "$1" >/dev/null 2>&1 &
        search=$!
        sleep 5
        begin=$(date +%s%N)
        kill -TERM "$search"
        code=0
        wait "$search" || code=$?
        printf '%s, turn %s: %s ms, exit code %s\n' "$1" "$turn" \
            $((($(date +%s%N) - begin) / 1000000)) "$code"
        test "$code" = 143 || echo "stop $1" >>"$scratch/failed"
    done
}
block=0x6274706f772073616d706c652c206e6f74206120626c6f636b20617420616c6c
alice=5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY
bob=5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty

# Measures how much of the rate of a bench is left while following a chain with a block every two seconds.
# The difficulty of subnet 3 is out of reach.
follow() {
    "$bin/btpow" bench --device "$1" --seconds 10 --json >"$scratch/bench.json"
    "$bin/btpow" mine --network "$url" --netuid 3 --hotkey "$bob" --coldkey "$alice" \
        --device "$1" --timeout "${follow}s" 2>"$scratch/mine.log" || true
    grep -v '^  ' "$scratch/mine.log" | tail -n 3
    bench=$(sed 's/.*"seconds":[0-9.]*,"hash_rate":\([0-9.]*\).*/\1/' "$scratch/bench.json")
    sed -n 's|^block [0-9]*: \([0-9.]*\) \([kMGT]*\)H/s, .*|\1 1\2|p' "$scratch/mine.log" | awk -v bench="$bench" '
        BEGIN { unit[1] = 1; unit["1k"] = 1e3; unit["1M"] = 1e6; unit["1G"] = 1e9; unit["1T"] = 1e12 }
        # The first line is from when the devices test themselves.
        NR > 1 { sum += $1 * unit[$2]; count++ }
        END {
            rate = count ? sum / count : 0
            printf "bench %.1f MH/s, following %.1f MH/s, %.1f %%\n",
                bench / 1e6, rate / 1e6, 100 * rate / bench
            exit !(rate >= 0.95 * bench)
        }'
}

name_devices
test -n "$number" || test -z "$wgpu" || echo "btpow devices lists no $wgpu for wgpu: see WGPU" >&2
interfaces="$cuda $number"

measure() {
    chain=
    trap 'test -z "$chain" || kill "$chain"' EXIT
    echo "# A graphics card, $day"
    echo
    echo "By \`benches/card.sh\` with SOAK=$soak TURNS=$turns SECONDS_EACH=$seconds TUNE=$tune FOLLOW=$follow."
    section "The card"
    if command -v nvidia-smi >/dev/null; then
        shown nvidia-smi --query-gpu=name,driver_version,clocks.max.sm,power.limit,temperature.gpu --format=csv
    else
        without "nvidia-smi is not installed"
    fi
    shown "$bin/btpow" devices

    section "Correctness: every vector, random jobs, every variant"
    if [ -n "$cuda" ]; then
        BTPOW_NEEDS_CARD=1 shown "$bin/test-cuda" --nocapture every_variant_passes
    else
        without "there is no card for CUDA"
    fi
    if [ -n "$number" ]; then
        BTPOW_TEST_GPU=$wgpu BTPOW_TEST_WGPU=required shown "$bin/test-wgpu" --test-threads=1
    else
        without "there is no card for wgpu; name one in WGPU"
    fi

    section "First hash: with the drivers' caches empty, then filled"
    mkdir -p "$scratch/cuda" "$scratch/gl"
    export CUDA_CACHE_PATH="$scratch/cuda" __GL_SHADER_DISK_CACHE_PATH="$scratch/gl"
    for interface in $interfaces; do
        shown "$bin/btpow" bench --device "$interface" --seconds 1
        shown "$bin/btpow" bench --device "$interface" --seconds 1
    done

    section "Every variant in turns"
    test -z "$cuda" || shown "$bin/card" rates "$turns" "$seconds"
    test -z "$number" || shown "$bin/trial" "$wgpu"

    section "Tuning"
    for interface in $interfaces; do
        shown "$bin/btpow" tune --device "$interface" --seconds "$tune"
    done

    section "Soak: known hits, and parts of the rest searched by the CPU"
    for interface in $interfaces; do
        shown "$bin/btpow" bench --device "$interface" --seconds "$soak"
        shown "$bin/btpow" bench --device "$interface" --seconds "$soak" --protocol legacy --order big
        shown "$bin/btpow" bench --device "$interface" --seconds "$soak" --protocol legacy --order little
    done

    section "From SIGTERM to the end of the program"
    for interface in $interfaces; do
        shown stop "$interface"
    done

    section "All devices at once"
    shown "$bin/btpow" bench --seconds 10

    section "Following a chain"
    if command -v node >/dev/null && XDG_CACHE_HOME=$people "$bin/btpow-devnet" --build >"$scratch/devnet.log" 2>&1; then
        XDG_CACHE_HOME=$people "$bin/btpow-devnet" --block-time 2s --port 0 >"$scratch/devnet.log" 2>&1 &
        chain=$!
        # Once it listens, it says where.
        for try in $(seq 60); do
            url=$(grep -o 'ws://[0-9.:]*' "$scratch/devnet.log" | head -n 1)
            test -z "$url" || break
            sleep 1
        done
        for interface in $interfaces; do
            shown follow "$interface"
        done
        kill "$chain"
        wait "$chain" || true
        chain=
    else
        without "the test chain does not start here; it needs Node.js, npm and Rust"
    fi

    section "Other programs"
    if [ "${PEERS:-yes}" = no ]; then
        without "PEERS=no"
    else
        if command -v hashcat >/dev/null; then
            # The bar is the harmonic sum of SHA-256 and Keccak-256.
            shown hashcat -b -m 1400 --machine-readable
            shown hashcat -b -m 17800 --machine-readable
        else
            without "hashcat is not installed"
        fi
        if python3 -c 'import bittensor_core as b; assert b.pow_gpu_devices()' 2>/dev/null; then
            shown python3 benches/card/miner.py
        else
            without "bittensor-core from PyPI is not installed, or OpenCL shows it no card"
        fi
    fi

    section "Clocks and power after it"
    if command -v nvidia-smi >/dev/null; then
        shown nvidia-smi --query-gpu=clocks.sm,clocks.mem,power.draw,temperature.gpu,clocks_throttle_reasons.active --format=csv
    else
        without "nvidia-smi is not installed"
    fi
}

measure | tee "$record"

verdict
