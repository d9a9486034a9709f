// From a digest to a candidate.

#pragma once

#include "keccak.cuh"
#include "sha256.cuh"

// Calls `report` when the tested word of a digest's Keccak is at or below the threshold.
//
// `mask` has the bits that the sieve makes and that are zero in every candidate. The answer is not returned, since the compiler would test it once more.
template <Tested TESTED, class Report>
SEAL_FN void if_candidate(const Opaque& o, u32 threshold, u32 mask, const u32 digest[8],
                          Report report) {
    State a = before_sieve(o, digest);
    if ((sieve<TESTED>(o, a) & mask) == 0) {
        // Only the state itself stays alive for the rare case.
        SEAL_UNROLL
        for (int i = 0; i < 25; i++) {
            a.even[i] = anew(a.even[i]);
            a.odd[i] = anew(a.odd[i]);
        }
        if (tested_word<TESTED>(o, a) <= threshold) report();
    }
}
