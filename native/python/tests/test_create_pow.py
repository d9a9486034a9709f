"""`create_pow` and its asynchronous twin, with a chain and a wallet of a test's own."""

import asyncio
import inspect
from unittest.mock import MagicMock

import btpow
import pytest
from btpow import _registration as registration
from btpow.pow import POWSolution, create_pow
from creating import both, challenge
from fakes import COLDKEY, HOTKEY, Chain, Substrate, Wallet


@both
def test_a_proof_is_found(create, wallet):
    chain = Chain()
    found = create(chain, wallet, 1)
    assert type(found) is POWSolution
    assert (found.block_number, found.difficulty) == (100, 1000)
    assert found.seal == challenge(chain).seal(found.nonce)
    assert btpow.verify(challenge(chain), 1000, found.nonce)


@both
def test_the_difficulty_is_that_of_the_block(create, wallet):
    chain = Chain()
    create(chain, wallet, 1)
    assert "difficulty 100" in chain.asked
    assert "get_block_hash 100" in chain.asked


@both
def test_a_subnet_that_is_missing_is_a_value_error(create, wallet):
    with pytest.raises(ValueError, match=r"^Subnet 2 does not exist\.$"):
        create(Chain(), wallet, 2)


@both
def test_a_key_that_is_registered_gets_none(create, wallet):
    chain = Chain()
    chain.registered_since = 0
    assert create(chain, wallet, 1) is None


@both
def test_a_key_that_becomes_registered_gets_none(create, wallet):
    chain = Chain(difficulty=2**64 - 1)
    chain.heads = [100, 101]
    chain.registered_since = 101
    assert create(chain, wallet, 1) is None


@both
def test_another_block_asks_anew(create, wallet):
    chain = Chain(difficulty=2**64 - 1)
    answers = {100: 2**64 - 1, 101: 1000}
    chain.difficulty = lambda netuid, block=None: answers[block or heads[-1]]
    heads = [100]
    chain.get_current_block = lambda: heads[-1]
    # The second time that the key is looked for, it is the next block.
    asked = []
    before = chain.get_block_hash

    def get_block_hash(block):
        asked.append(block)
        heads.append(101)
        return before(block)

    chain.get_block_hash = get_block_hash
    found = create(chain, wallet, 1)
    assert asked == [100, 101]
    assert (found.block_number, found.difficulty) == (101, 1000)
    assert found.seal == challenge(chain, 101).seal(found.nonce)


@both
def test_a_proof_that_comes_too_late_is_not_returned(create, wallet):
    chain = Chain()
    # The block when it is found is two later: the next one takes only proofs for 101.
    chain.heads = [100, 102]
    found = create(chain, wallet, 1)
    assert found.block_number == 102


@both
def test_a_proof_in_time_is_returned(create, wallet):
    chain = Chain()
    chain.heads = [100, 101]
    assert create(chain, wallet, 1).block_number == 100


@both
def test_the_faucets_proof_is_of_the_coldkey(create, wallet):
    chain = Chain()
    chain.is_hotkey_registered = chain.subnet_exists = chain.difficulty = None
    found = create(chain, wallet, -1)
    assert found.difficulty == 1_000_000
    assert btpow.verify(challenge(chain, key=COLDKEY), 1_000_000, found.nonce)


@both
@pytest.mark.parametrize(
    "spec, netuid, order",
    [(277, 1, "big"), (283, 1, "little"), (393, 1, "little"), (277, -1, "big"), (475, -1, "little")],
)
def test_the_runtimes_version_decides_the_order(create, wallet, spec, netuid, order):
    chain = Chain(spec=spec)
    found = create(chain, wallet, netuid)
    key = COLDKEY if netuid == -1 else HOTKEY
    assert btpow.verify(challenge(chain, key=key, order=order), found.difficulty, found.nonce)


@both
@pytest.mark.parametrize("spec", [277, 280, 393, None])
def test_the_caller_may_name_the_order(create, wallet, spec):
    chain = Chain(spec=spec)
    for order in ("big", "little"):
        found = create(chain, wallet, 1, order=order)
        assert btpow.verify(challenge(chain, order=order), 1000, found.nonce)


@both
@pytest.mark.parametrize("order", [None, "big", "little"])
@pytest.mark.parametrize("spec", [394, 425, 475])
def test_no_proof_for_a_runtime_that_would_burn_tao(create, wallet, spec, order):
    chain = Chain(spec=spec)
    with pytest.raises(RuntimeError, match=f"spec {spec}.*burn TAO"):
        create(chain, wallet, 1, order=order)
    assert "get_current_block" not in chain.asked


@both
@pytest.mark.parametrize("answer", [{"error": {"code": -32601}}, {"result": {}}, None, MagicMock()])
def test_no_proof_for_a_runtime_whose_version_nobody_knows(create, wallet, answer):
    chain = Chain()
    chain.substrate.rpc_request = lambda method, params: answer
    with pytest.raises(RuntimeError, match="burns TAO; if this chain is older, give order='big' or"):
        create(chain, wallet, 1)
    assert "get_current_block" not in chain.asked
    with pytest.raises(RuntimeError, match="burns TAO"):
        create(Chain(spec=None), wallet, 1)
    # Whoever names the order has said what chain it is.
    assert create(chain, wallet, 1, order="big").block_number == 100


@both
def test_a_faucet_needs_no_version_since_it_burns_nothing(create, wallet):
    found = create(Chain(spec=None), wallet, -1)
    assert btpow.verify(challenge(Chain(), key=COLDKEY), 1_000_000, found.nonce)


@both
def test_a_chain_that_does_not_answer_for_its_version_is_an_error_also_with_an_order(create, wallet):
    chain = Chain()

    def broken(method, params):
        raise TimeoutError("no answer")

    chain.substrate.rpc_request = broken
    with pytest.raises(TimeoutError, match="no answer"):
        create(chain, wallet, 1, order="big")


@both
def test_a_runtime_whose_order_nobody_knows_is_named(create, wallet):
    with pytest.raises(RuntimeError, match="spec 280.*order='big' or order='little'"):
        create(Chain(spec=280), wallet, 1)
    with pytest.raises(ValueError, match="order: there is no order"):
        create(Chain(), wallet, 1, order="middle")


@both
def test_without_a_card_cuda_is_an_error(create, wallet):
    for dev_id in (97, [97, 98]):
        with pytest.raises((btpow.DeviceError, ValueError), match="CUDA not available|cuda:97"):
            create(Chain(), wallet, 1, cuda=True, dev_id=dev_id)


@both
def test_a_chain_that_cannot_be_asked_for_an_older_difficulty(create, wallet):
    chain = Chain()
    chain.difficulty = lambda netuid: 500
    assert create(chain, wallet, 1).difficulty == 500


def test_options_choose_the_devices(wallet, monkeypatch):
    made = []

    def solver(**options):
        made.append(options)
        raise KeyboardInterrupt

    monkeypatch.setattr(registration, "Solver", solver)
    for options in (
        dict(),
        dict(num_processes=3, update_interval=50_000),
        dict(cuda=True),
        dict(cuda=True, dev_id=[0, 2], tpb=512, num_processes=3, update_interval=9),
        dict(cuda=True, dev_id=None),
    ):
        with pytest.raises(KeyboardInterrupt):
            create_pow(Chain(), wallet, 1, **options)
    assert made == [
        dict(devices="cpu", threads=None, round=None),
        dict(devices="cpu", threads=3, round=50_000),
        dict(devices=["cuda:0"], threads_per_block=None),
        dict(devices=["cuda:0", "cuda:2"], threads_per_block=512),
        dict(devices=["cuda:0"], threads_per_block=None),
    ]


def test_progress_is_printed_line_by_line_if_that_is_wanted(wallet, capsys):
    create_pow(Chain(difficulty=10_000), wallet, 1, output_in_place=False, log_verbose=True)
    printed = capsys.readouterr().out
    for words in ("Solving", "Time Spent Average", "Block Number: 100", "Block Hash:"):
        assert words in printed.replace("\n", " ")


@pytest.mark.parametrize("head, stale", [(1, False), (2, False), (3, True), (4, True), (5, True)])
def test_a_proof_is_stale_when_no_block_may_include_it(head, stale):
    """The chain takes it at an age of two blocks; the SDK said so two blocks too late."""
    chain = Chain()
    chain.heads = [head]
    chain.substrate = Substrate(chain, 277)
    found = POWSolution(nonce=1, block_number=1, difficulty=1, seal=b"")
    assert found.is_stale(chain) is stale
    assert asyncio.run(found.is_stale_async(chain)) is stale


def test_a_solution_is_a_value():
    one = POWSolution(1, 2, 3, b"4")
    assert one == POWSolution(nonce=1, block_number=2, difficulty=3, seal=b"4")
    one.nonce = 5
    assert repr(one) == "POWSolution(nonce=5, block_number=2, difficulty=3, seal=b'4')"


def test_the_parameters_are_the_sdks():
    expected = [
        ("subtensor", inspect.Parameter.empty),
        ("wallet", inspect.Parameter.empty),
        ("netuid", inspect.Parameter.empty),
        ("output_in_place", True),
        ("cuda", False),
        ("dev_id", 0),
        ("tpb", 256),
        ("num_processes", None),
        ("update_interval", None),
        ("log_verbose", False),
    ]
    for function in (btpow.create_pow, btpow.create_pow_async):
        parameters = list(inspect.signature(function).parameters.values())
        assert [(it.name, it.default) for it in parameters[:10]] == expected
        assert [it.name for it in parameters[10:]] == ["order"]
        assert parameters[10].kind is inspect.Parameter.KEYWORD_ONLY


def test_a_wallet_needs_no_secret(wallet):
    with pytest.raises(AssertionError):
        Wallet().coldkey  # noqa: B018
    assert create_pow(Chain(), wallet, 1, num_processes=1) is not None
