"""Challenges, seals and what follows from them, against known answers of other implementations."""

import copy
import json
import multiprocessing
import pickle
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import btpow
import pytest
from btpow import _native

VECTORS = Path(__file__).parents[3] / "tests/vectors"
ALICE = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"
ALICE_HEX = "d43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d"


def v1(netuid=1, block_hash=b"\x01" * 32, hotkey=b"\x02" * 32, coldkey=b"\x03" * 32):
    return btpow.Challenge.v1(netuid, block_hash, hotkey, coldkey)


def test_seals_are_those_of_the_vectors():
    # Sources: bittensor-core 0.1.5 and bittensor 11.3.0.
    for nonce, seal in [
        (0, "7cdaced691a70795a7656ad9b76ef2c16b961686a14a790bcb22eed6226ef103"),
        (1, "c2291b632879447b6fe0785b0f25b5151c85a7e07df23a7860cf029e8a03f466"),
        (2**64 - 1, "69f1aef50783893195365b4fb62a4745085c31fee525a0984bc20301ab377aaf"),
    ]:
        assert btpow.seal(v1(), nonce).hex() == seal
        assert v1().seal(nonce).hex() == seal


def test_every_seal_of_the_vectors():
    cases = json.loads((VECTORS / "seal_v1.json").read_text())
    assert len(cases) > 10
    for case in cases:
        hotkey, coldkey = "0x" + case["hotkey"], "0x" + case["coldkey"]
        challenge = v1(case["netuid"], case["block_hash"], hotkey, coldkey)
        assert btpow.seal(challenge, int(case["nonce"])).hex() == case["seal"]


def test_the_digest_of_block_and_key_is_the_sdks():
    # Source: bittensor 5.3.0, TestRegistrationHelpers.
    block = "c444e4205857add79a0427401aa2518d11e85f32377eff9a946d180a54697459"
    key = "0xba3189e99e75b6097cd94a5ecc771016b83c8432d35d14a03ab731b07112f559"
    digest = "7869b61229641b33a355dc34d4ef48f8d82166635237f9f10bcb215b8cb48161"
    assert _native.keccak_of_block(block, key).hex() == digest
    legacy = btpow.Challenge.legacy(block, key, "big")
    of_digest = btpow.Challenge.of_digest(digest, "big")
    assert legacy.seal(7) == of_digest.seal(7)


CHALLENGES = [
    v1(),
    v1(netuid=2),
    *[
        make(it, order)
        for order in ("big", "little")
        for it in (b"\x01" * 32, b"\x02" * 32)
        for make in (
            lambda it, order: btpow.Challenge.legacy(it, b"\x03" * 32, order),
            btpow.Challenge.of_digest,
        )
    ],
]


def test_challenges_are_keys():
    places = {challenge: place for place, challenge in enumerate(CHALLENGES)}
    assert len(places) == len(CHALLENGES) == 10
    assert places[v1(hotkey="0x" + "02" * 32)] == 0


@pytest.mark.parametrize("challenge", CHALLENGES)
def test_a_challenge_survives_pickle_and_copy(challenge):
    solution = btpow.Solution(7, challenge.seal(7), challenge, 1, None, "cpu:0")
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        again = pickle.loads(pickle.dumps(solution, protocol))
        assert (again, hash(again)) == (solution, hash(solution))
        assert again.challenge.seal(7) == solution.seal
    assert copy.deepcopy(solution) == solution


def test_a_challenge_reaches_another_process():
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as processes:
        assert processes.submit(btpow.seal, v1(), 7).result() == v1().seal(7)


def test_what_was_pickled_and_changed_is_refused():
    restore, (protocol, order, block_hash, message) = v1().__reduce__()
    assert restore(protocol, order, block_hash, message) == v1()
    for parts in [
        ("v2", order, block_hash, message),
        ("legacy", order, block_hash, message),
        (protocol, order, b"\x02" * 32, message),
        (protocol, order, block_hash, message[:-1]),
        (protocol, order, block_hash, message[:25] + bytes(2) + message[27:]),
    ]:
        with pytest.raises(ValueError, match="^this is no challenge that was pickled by btpow$"):
            restore(*parts)


def test_the_order_of_a_legacy_seal_decides_what_wins():
    digest = "7869b61229641b33a355dc34d4ef48f8d82166635237f9f10bcb215b8cb48161"
    for order, nonce in [("big", 11), ("little", 20)]:
        challenge = btpow.Challenge.of_digest(digest, order)
        assert (challenge.protocol, challenge.order) == ("legacy", order)
        wins = [it for it in range(nonce + 1) if btpow.verify(challenge, 10, it)]
        assert wins == [nonce]


def test_verify_takes_a_win_and_nothing_else():
    assert btpow.verify(v1(), 1000, 118)
    assert not btpow.verify(v1(), 1000, 117)
    assert btpow.verify(v1(), 1, 117)


def test_keys_are_bytes_or_addresses():
    of_bytes = v1(hotkey=bytes.fromhex(ALICE_HEX))
    assert of_bytes == v1(hotkey=ALICE) == v1(hotkey="0x" + ALICE_HEX)
    assert of_bytes != v1()
    assert repr(of_bytes) == "<Challenge v1>"


@pytest.mark.parametrize(
    "wrong, words",
    [
        (dict(netuid=0), "netuid: netuid 0 is the root subnet"),
        (dict(block_hash=b"\x01" * 31), "block_hash: it has 31 bytes, not 32"),
        (dict(block_hash="0x01"), "block_hash: it has 1 byte"),
        (dict(hotkey=ALICE[:-1]), "hotkey: its length"),
        (dict(hotkey=ALICE[:-1] + "Z"), "hotkey: its checksum is wrong"),
        (dict(coldkey=b""), "coldkey: it has 0 bytes, not 32"),
    ],
)
def test_what_is_no_challenge_is_named(wrong, words):
    with pytest.raises(ValueError, match=words):
        v1(**wrong)


def test_what_has_the_wrong_type_is_a_type_error():
    with pytest.raises(TypeError):
        v1(hotkey=5)
    with pytest.raises(OverflowError):
        v1(netuid=65536)


def test_numbers_beyond_their_range_are_errors():
    with pytest.raises(ValueError, match="difficulty"):
        btpow.verify(v1(), 0, 1)
    with pytest.raises(ValueError, match="difficulty"):
        btpow.expected_time(0, 1.0)
    for difficulty, nonce in [(2**64, 1), (1, 2**64), (1, -1)]:
        with pytest.raises(OverflowError):
            btpow.verify(v1(), difficulty, nonce)
    with pytest.raises(ValueError, match="order: there is no order"):
        btpow.Challenge.legacy(b"\x01" * 32, b"\x02" * 32, "middle")


def test_expected_time_is_difficulty_by_rate():
    assert btpow.expected_time(10_000_000, 20e6) == 0.5
    assert btpow.expected_time(10_000_000, 0.0) is None


def test_an_interval_is_searched_exactly():
    challenge = v1()
    # The first win at difficulty 1,000 from nonce 0 on; source: tests/vectors.
    assert _native.scan_interval(challenge, 1000, 0, 118) is None
    for start, attempts in [(0, 119), (100, 500), (118, 1), (2**64 - 100, 1000)]:
        nonce, seal = _native.scan_interval(challenge, 1000, start, attempts)
        assert (nonce, seal) == (118, challenge.seal(118))
    assert _native.scan_interval(challenge, 100_000, 0, 10_000)[0] == 3515


def test_a_scan_begins_at_its_nonce_and_ends_after_its_attempts():
    challenge = v1()
    assert _native.scan(challenge, 1, 7, 1) == (7, challenge.seal(7))
    assert _native.scan(challenge, 2**64 - 1, 7, 100_000) is None
    assert _native.scan(challenge, 1, 7, 0) is None
