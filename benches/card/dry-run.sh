# The quick check where there is no card: on an emulated CUDA driver and software Vulkan, with short times and two
# variants. Then again where things fail. It fails unless the records say what they must.
set -eu

. benches/card/common.sh
here=$(mktemp -d)
trap 'rm -rf "$here"' EXIT

# As `btpow_conformance::emulated::driver` compiles it, but faster code.
for library in driver:libcuda.so management:libnvidia-ml.so.1; do
    "${CXX:-c++}" -std=c++17 -O2 -Wno-unknown-pragmas -shared -fPIC -pthread \
        "kernels/tests/emulated/${library%:*}.cpp" -o "$here/${library#*:}"
done
test -n "${BTPOW_CARD_BIN:-}" || build "$here/bin" dev quick

export BTPOW_CARD_BIN="${BTPOW_CARD_BIN:-$here/bin}" LD_LIBRARY_PATH="$here${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
export BTPOW_TEST_EFFORT=small SLOW=10 SECONDS_EACH=0.1 TUNE=2 SOAK=4 RATE=4
export VARIANTS="a b-shared" WGPU_TESTS=rolled2_passes

says() {
    for line; do
        grep -q -e "$line" "$record" || { echo "the record of the dry run lacks: $line" >&2 && exit 1; }
    done
}
never_says() {
    if grep -e "$1" "$record"; then
        echo "the record of the dry run has: $1" >&2
        exit 1
    fi
}

echo "everything works"
record=$here/works.md
WGPU=llvmpipe TOTAL=1800 sh benches/card.sh --quick "$record"
says 'Emulated card, 2 SMs' 'a 256: conformance suite and self-test passed' \
    'b-shared 256: conformance suite and self-test passed' '^| a 128 | v1 | 20 | [0-9.]* |' '^| b-shared 512 | v1 | 20 | [0-9.]* |' \
    '^cuda:0: b-shared 256 .*H/s$' 'compute 9.0: .*; tried [0-9]* of 36 in .*; remembered' 'test result: ok. 1 passed' '^wgpu:.*; tried [0-9]* of 7 in ' '^| b-shared 256 | v1 | 5 | ' \
    'first hash  [0-9.]* ms' 'new block  ' 'measured for 4' 'MH/J' 'legacy' '^Over after'
never_says 'FAILED\|CUT\|Left out'

echo "the card is lost, and there is no Vulkan"
record=$here/lost.md
if BTPOW_EMULATED_FAULT=cuEventQuery=719 WGPU=none TOTAL=1800 sh benches/card.sh --quick "$record"; then
    echo "the dry run with a lost card must fail" >&2
    exit 1
fi
says 'FAILED with 1' 'Missing: a card for wgpu' '^Over after'

echo "the kernels hang, and the time is short"
record=$here/hangs.md
if BTPOW_EMULATED_FAULT=hang=1+1 WGPU=none TOTAL=10 sh benches/card.sh --quick "$record"; then
    echo "the dry run with a card that hangs must fail" >&2
    exit 1
fi
says 'CUT after' 'Left out, since the time is over' '^Over after'
