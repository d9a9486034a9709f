
// v1: the spans of a group have the schedule of SHA-256 in common at each index. `expand` makes the
// schedules of a dispatch, an invocation for an index; then each invocation of `scan` hashes one nonce
// and reports it when the tested word of its seal is low enough.

// K + W of rounds 16 to 63 of SHA-256.
alias Schedule = array<vec4<u32>, 12>;

// Of each span the chaining value a to h; a and e after round 0 of SHA-256, without w0; h + K + W of
// rounds 1 to 3; three words of padding. Neighbours read neighbouring vectors.
@group(0) @binding(2) var<storage, read> spans: array<array<vec4<u32>, $spans>, 4>;
@group(0) @binding(3) var<storage, read> schedules: array<Schedule, $indices>;
@group(0) @binding(3) var<storage, read_write> expanded: array<Schedule, $indices>;

// A workgroup has one index, whose schedule it loads once. Software reads it from here at the price of
// one value, which it does from a buffer only where it knows the address when it compiles.
var<workgroup> schedule: Schedule;

@compute @workgroup_size($expanders)
fn expand(@builtin(global_invocation_id) place: vec3<u32>) {
    let w0 = search.w0 + place.x * search.job[2].y;
    $schedule
}

// The grid: a part of the spans, then the index in two dimensions. The few nonces of its first and last
// indices that are not of the dispatch are hashed and not reported.
@compute @workgroup_size($workgroup)
fn scan(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let index = group.z * search.columns + group.y;
    if local < 12u {
        schedule[local] = schedules[index][local];
    }
    workgroupBarrier();

    let span = group.x * $workgroupu + local;
    let part0 = spans[0][span];
    let part1 = spans[1][span];
    let part2 = spans[2][span];
    let part3 = spans[3][span];
    let w0 = search.w0 + index * search.job[2].y;
    $sha256
    $keccak
    let offset = index * $spansu + span - search.lead;
    if word <= search.job[12].y && offset < search.count {
        report(offset);
    }
}
