"""Shared by both peer programs: the known answers, the clock and the report.

A peer program runs in its own virtual environment, in one process and one thread. First the peer has
to find known first solutions: a wrong answer stops the bench, so that only equal work is compared.
Then a fixed number of nonces is timed at a difficulty that none of them meets, and one JSON object is
printed.

A peer is a function `search(challenge, difficulty, start, count)`, which tries `count` nonces from
`start` on and returns the first winning (nonce, seal), or None.
"""

import json
import sys
import time

# A nonce wins once in 2^64 tries, so the timed run goes through all of its nonces.
NEVER = (1 << 64) - 1
NONCES = 1 << 64


def rows(path, protocol, order):
    """The committed first solutions of one protocol and byte order."""
    with open(path, encoding="utf-8") as file:
        found = [
            row for row in json.load(file) if (row["protocol"], row["order"]) == (protocol, order)
        ]
    if not found:
        sys.exit(f"{path} has no first solution for {protocol} {order}")
    return found


def check(search, challenge, row):
    """Lets the peer find a known first solution; ends the program if it finds anything else."""
    start, expected = int(row["start"]), int(row["nonce"])
    difficulty = int(row["difficulty"])
    count = (expected - start) % NONCES + 1
    # The search may wrap at 2^64. Then it takes two intervals, since not every peer wraps.
    first = min(count, NONCES - start)
    found = search(challenge, difficulty, start, first)
    if found is None and count > first:
        found = search(challenge, difficulty, 0, count - first)
    if found is None or (found[0], found[1].hex()) != (expected, row["seal"]):
        sys.exit(f"wrong answer: found {found}, expected nonce {expected} with seal {row['seal']}")


def measure(search, challenge, seconds):
    """Times one run of about `seconds`: (nonces, wall seconds, CPU seconds of this process).

    The number of nonces is settled before the clock starts, from the rate of a short run.
    """
    count = 1 << 10
    while True:
        before = time.perf_counter()
        search(challenge, NEVER, 1 << 40, count)
        took = time.perf_counter() - before
        if took > 0.1:
            break
        count *= 4
    count = max(1, int(count * seconds / took))
    wall, cpu = time.perf_counter(), time.process_time()
    found = search(challenge, NEVER, 1 << 41, count)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    if found is not None:
        sys.exit(f"the search ended early, at nonce {found[0]}: run it again")
    return count, wall, cpu


def run(peer, version, protocol, order, search, challenge_of):
    """The whole program. `challenge_of(row)` makes what the peer hashes from a row of the vectors.

    Arguments: the path of first_solution.json, and how many seconds to measure for.
    """
    path, seconds = sys.argv[1], float(sys.argv[2])
    answers = rows(path, protocol, order)
    for row in answers:
        check(search, challenge_of(row), row)
    count, wall, cpu = measure(search, challenge_of(answers[0]), seconds)
    print(
        json.dumps(
            {
                "peer": peer,
                "version": version,
                "protocol": protocol,
                "order": order,
                "answers_checked": len(answers),
                "nonces": count,
                "wall_s": wall,
                "cpu_s": cpu,
                "hash_rate": count / wall,
            }
        )
    )
