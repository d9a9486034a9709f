// What the kernels share: the input of a dispatch, and how a candidate is reported.
//
// `shader.rs` puts numbers and statements in the places marked with a dollar sign, here and in
// `spans.wgsl` and `indices.wgsl`. The words of the job are those of btpow-core's `Job`, in the same
// sequence.

struct Search {
    // The round constants of Keccak, low and high word.
    keccak: array<vec4<u32>, 24>,
    job: array<vec4<u32>, 13>,
    // Legacy: a and e after round 0 of SHA-256, without w0; then h + K + W of rounds 1 and 2.
    early: vec4<u32>,
    // Legacy: the same of round 3.
    early3: u32,
    // w0 at the first index.
    w0: u32,
    // How many nonces to search.
    count: u32,
    // v1: spans that come before the first nonce at the first index.
    lead: u32,
    // Size of the grid's dimension that the next one continues.
    columns: u32,
}

struct Hits {
    count: atomic<u32>,
    // Offsets of nonces from the first one of the dispatch.
    offsets: array<u32, $capacity>,
}

@group(0) @binding(0) var<uniform> search: Search;
@group(0) @binding(1) var<storage, read_write> hits: Hits;

fn report(offset: u32) {
    let entry = atomicAdd(&hits.count, 1u);
    if entry < $capacityu {
        hits.offsets[entry] = offset;
    }
}
