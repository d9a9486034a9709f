/** The known answers of tests/vectors against one build of the package, in Node and in browsers alike. */

function bytes(hex) {
  return Uint8Array.from(hex.match(/../g), (pair) => Number.parseInt(pair, 16));
}

function hex(seal) {
  return Array.from(seal, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function equal(actual, expected, what) {
  if (actual !== expected) throw new Error(`${what}: ${actual} instead of ${expected}`);
}

function challenge(vector, order = vector.order) {
  const blockHash = bytes(vector.block_hash);
  const difficulty = BigInt(vector.difficulty ?? 1);
  if (vector.netuid !== undefined) {
    const { netuid, hotkey, coldkey } = vector;
    return { protocol: 'v1', netuid, blockHash, hotkey: `0x${hotkey}`, coldkey: bytes(coldkey), difficulty };
  }
  return { protocol: 'legacy', order, blockHash, hotkey: bytes(vector.key), difficulty };
}

/**
 * Checks all vectors.
 *
 * @param api - The package.
 * @param files - `seal_v1`, `seal_legacy`, `first_solution` and `group_hits`, parsed.
 * @param lanes - What the device must hash with, so that the test cannot check the wrong build.
 * @param options - Which device, if not one worker.
 * @returns How many answers were checked.
 */
export async function checkVectors(api, files, lanes, options = { devices: 'wasm', workers: 1 }) {
  let checked = 0;
  for (const vector of files.seal_v1) {
    equal(hex(await api.seal(challenge(vector), BigInt(vector.nonce))), vector.seal, `seal of ${vector.nonce}`);
    checked += 1;
  }
  for (const vector of files.seal_legacy) {
    for (const order of ['big', 'little']) {
      const seal = await api.seal(challenge(vector, order), BigInt(vector.nonce));
      equal(hex(seal), vector.seal, `seal of ${vector.nonce}`);
      checked += 1;
    }
  }
  for (const vector of files.first_solution) {
    const asked = challenge(vector);
    const nonce = BigInt(vector.nonce);
    equal(await api.verify(asked, nonce), true, `verify(${nonce})`);
    equal(hex(await api.seal(asked, nonce)), vector.seal, `seal of ${nonce}`);
    // No nonce before it wins.
    for (let before = 1n; before <= 20n && nonce - before >= BigInt(vector.start); before += 1n) {
      equal(await api.verify(asked, nonce - before), false, `verify(${nonce - before})`);
    }
    checked += 1;
  }
  // For every winning nonce of each group, a search that begins there: it is the first of its round.
  const solver = await api.createSolver(options);
  try {
    for (const vector of files.group_hits) {
      for (const [, text] of vector.hits) {
        const nonce = BigInt(text);
        const solution = await next(solver, challenge(vector), nonce);
        const right = solution.current && (await api.verify(challenge(vector), solution.nonce));
        equal(right, true, `solution ${solution.nonce}, begun at ${nonce}`);
        // The solver reports the lowest of the round, and this one is in the round.
        const value = (seal) => BigInt(`0x${hex(vector.order === 'big' ? seal : seal.toReversed())}`);
        const own = value(await api.seal(challenge(vector), nonce));
        equal(value(solution.seal) <= own, true, `the seal of ${solution.nonce} is not above that of ${nonce}`);
        checked += 1;
      }
    }
    equal(solver.devices[0].lanes, lanes, 'lanes');
  } finally {
    await solver.dispose();
  }
  return checked;
}

/** The first solution for a challenge from a nonce on. */
function next(solver, asked, start) {
  return new Promise((resolve, reject) => {
    const ends = [
      solver.on('solution', (solution) => {
        if (solution.challenge === asked) end(resolve, solution);
      }),
      solver.on('error', (error) => end(reject, error)),
    ];
    const end = (settle, value) => {
      ends.forEach((off) => off());
      settle(value);
    };
    solver.setChallenge(asked, { start });
  });
}
