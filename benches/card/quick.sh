# Everything that must be known of a card, in eight minutes, the most important first. Sourced by card.sh.
#
# Each line goes to the record at once and to the disk, so whatever cuts this short leaves what was measured. Each part has
# its own time limit. A part that fails, or that this machine lacks, is written down, and the next one goes on.

began=$(date +%s)
# What the parts take, in seconds. A dry run makes it short, and has patience with slow software (SLOW).
total=${TOTAL:-480} slow=${SLOW:-1} each=${SECONDS_EACH:-1} tune=${TUNE:-40} soak=${SOAK:-60} rate=${RATE:-5}
variants=${VARIANTS:-$("$bin/card" list)}
wgpu_tests=${WGPU_TESTS:-passes_the_conformance_suite}
failures="$scratch/failed"

keep() {
    while IFS= read -r line || [ -n "$line" ]; do
        printf '%s\n' "$line"
        printf '%s\n' "$line" >>"$record"
        sync "$record"
    done
}
note() { printf '%s\n' "$*" | keep; }
section() { note "" && note "## $1" && note ""; }

# part LIMIT COMMAND...: runs a command for at most LIMIT seconds, and no longer than the whole has left.
part() {
    limit=$(($1 * slow))
    shift
    shown=$(printf '%s' "$*" | sed "s|$bin/||g; s|$scratch/||g")
    left=$((began + total - $(date +%s)))
    if [ "$left" -lt 3 ]; then
        note "Left out, since the time is over: $shown"
        echo "no time left: $shown" >>"$failures"
        return
    fi
    test "$limit" -le "$left" || limit=$left
    note '```'
    note "\$ $shown"
    { timeout -k 3 "$limit" "$@" 2>&1 || echo $? >"$scratch/code"; } | keep
    if [ -e "$scratch/code" ]; then
        code=$(cat "$scratch/code") && rm "$scratch/code"
        case $code in
        124 | 137) note "CUT after $limit s" ;;
        *) note "FAILED with $code" ;;
        esac
        echo "$shown" >>"$failures"
    fi
    note '```'
}
lacks() { note "Missing: $1"; }
# cuda_part LIMIT COMMAND..., wgpu_part: the same, where there is such a card.
cuda_part() { if [ -n "$cuda" ]; then part "$@"; else lacks "a card for CUDA"; fi; }
wgpu_part() { if [ -n "$number" ]; then part "$@"; else lacks "a card for wgpu; name one in WGPU"; fi; }

: >"$record"
note "# A graphics card in eight minutes, $day"
note ""
note "By \`benches/card.sh --quick\` with TOTAL=$total SECONDS_EACH=$each TUNE=$tune SOAK=$soak RATE=$rate."

section "The card"
if command -v nvidia-smi >/dev/null; then
    part 10 nvidia-smi --query-gpu=name,driver_version,clocks.max.sm,power.limit,temperature.gpu --format=csv
else
    lacks nvidia-smi
fi
part 20 "$bin/btpow" devices
name_devices

# One process for each, so that a variant that hangs or breaks the card's context takes no other with it.
section "CUDA: every variant and kernel is correct"
for variant in $variants; do
    cuda_part 30 "$bin/card" check "$variant"
done

section "CUDA: v1 rates of every variant and block size"
# shellcheck disable=SC2086 # a list of words
cuda_part 110 "$bin/card" rates 1 "$each" v1 $variants

section "CUDA: the best rate after tuning"
cuda_part $((tune + 20)) "$bin/btpow" tune --device cuda --seconds "$tune"
cuda_part $((rate + 15)) "$bin/btpow" bench --device cuda --seconds "$rate"

section "CUDA: what shorter rounds cost"
cuda_part 40 "$bin/card" rates 3 "$each" v1 "b-shared 256" --round 5ms,10ms,20ms,50ms

section "wgpu through Vulkan: correct"
wgpu_part 60 env BTPOW_TEST_GPU="$wgpu" BTPOW_TEST_WGPU=required "$bin/test-wgpu" --test-threads=1 "$wgpu_tests"

section "wgpu through Vulkan: rate"
wgpu_part $((tune / 2 + 20)) "$bin/btpow" tune --device "$number" --seconds $((tune / 2))
wgpu_part $((rate + 15)) "$bin/btpow" bench --device "$number" --seconds "$rate"

# `first hash` with the driver's cache empty, then filled; `new block` is from a new head to the last device's first hash.
section "From the start, and from a new head, to the first hash"
mkdir "$scratch/empty"
cuda_part 30 env CUDA_CACHE_PATH="$scratch/empty" "$bin/btpow" bench --device cuda --seconds 1
cuda_part 15 env CUDA_CACHE_PATH="$scratch/empty" "$bin/btpow" bench --device cuda --seconds 1

section "CUDA: a soak; known hits, and parts of the rest searched by the CPU; hashes per joule"
cuda_part $((soak + 25)) "$bin/btpow" bench --device cuda --seconds "$soak"
if command -v nvidia-smi >/dev/null; then
    part 10 nvidia-smi --query-gpu=clocks.sm,power.draw,temperature.gpu,clocks_throttle_reasons.active --format=csv
fi

section "The official client's miner, through OpenCL"
if python3 -c 'import bittensor_core as b; assert b.pow_gpu_devices()' 2>/dev/null; then
    part $((rate + 30)) python3 benches/card/miner.py "$rate"
else
    lacks "bittensor-core from PyPI, or a card that OpenCL shows it"
fi

section "CUDA: legacy rates"
cuda_part $((rate + 15)) "$bin/btpow" bench --device cuda --seconds "$rate" --protocol legacy --order big
cuda_part $((rate + 15)) "$bin/btpow" bench --device cuda --seconds "$rate" --protocol legacy --order little

note ""
note "Over after $(($(date +%s) - began)) s."
