// Each invocation hashes one nonce and reports it when the tested word of its seal is low enough.
//
// `shader.rs` puts numbers and statements in the places marked with a dollar sign. The words of the
// job are those of btpow-core's `Job`, in the same sequence. A row is a run of nonces of one span.

struct Row {
    // The chaining value that enters the last block, a to h.
    chaining: array<vec4<u32>, 2>,
    // a and e after round 0 of SHA-256, without w0; then h + K + W of rounds 1 and 2.
    early: vec4<u32>,
    // The same of round 3; w0 of the first nonce; how many nonces; the offset of the first.
    place: vec4<u32>,
}

struct Search {
    // The round constants of Keccak, low and high word.
    keccak: array<vec4<u32>, 24>,
    job: array<vec4<u32>, 13>,
    rows: array<Row, $rows>,
}

struct Hits {
    count: atomic<u32>,
    // Offsets of nonces from the first one of the dispatch.
    offsets: array<u32, $capacity>,
}

@group(0) @binding(0) var<uniform> search: Search;
@group(0) @binding(1) var<storage, read_write> hits: Hits;

@compute @workgroup_size($workgroup)
fn scan(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let row = &search.rows[group.z];
    let place = (group.y * $columnsu + group.x) * $workgroupu + local;
    if place >= (*row).place.z {
        return;
    }

    let w0 = (*row).place.y + place * search.job[2].y;
    $sha256
    $keccak
    if word <= search.job[12].y {
        let entry = atomicAdd(&hits.count, 1u);
        if entry < $capacityu {
            hits.offsets[entry] = (*row).place.w + place;
        }
    }
}
