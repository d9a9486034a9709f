
// Legacy: each invocation hashes one nonce of a span and reports it when the tested word of its seal is
// low enough.

@compute @workgroup_size($workgroup)
fn scan(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let place = (group.y * search.columns + group.x) * $workgroupu + local;
    if place >= search.count {
        return;
    }

    let w0 = search.w0 + place * search.job[2].y;
    $sha256
    $keccak
    if word <= search.job[12].y {
        report(place);
    }
}
