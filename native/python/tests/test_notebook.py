"""A search in a notebook: what a user sees there, by the client that runs notebooks without a browser."""

import nbformat
import pytest
from nbclient import NotebookClient

START = """
import os, signal, threading
import btpow
challenge = btpow.Challenge.v1(1, b"\\x01" * 32, b"\\x02" * 32, b"\\x03" * 32)
hopeless = 2**64 - 1
"""

LIVE = """
with btpow.Solver(challenge, hopeless, block_number=12, devices="cpu", threads=1, progress=True, interval=0) as solver:
    while not solver.statistics.nonces_total:
        solver.next(timeout=0.01)
    solver.next(timeout=0.15)
"""

#: A notebook has an event loop of its own, in which cells may await.
AWAITED = """
async with btpow.Solver(challenge, 1000, devices="cpu", threads=1) as solver:
    print((await solver.next_async()).difficulty)
"""

#: What the button "interrupt" sends, as soon as the cell waits: whoever waits is told of the progress.
INTERRUPTED = """
waits = threading.Event()

def interrupt():
    waits.wait()
    os.kill(os.getpid(), signal.SIGINT)

options = dict(devices="cpu", threads=1, progress=lambda _: waits.set(), interval=0)
with btpow.Solver(challenge, hopeless, **options) as solver:
    threading.Thread(target=interrupt).start()
    next(solver)
"""

AFTERWARDS = "print(solver)"


@pytest.fixture(scope="module")
def outputs(tmp_path_factory):
    """What each cell put out."""
    cells = [nbformat.v4.new_code_cell(it) for it in (START, LIVE, AWAITED, INTERRUPTED, AFTERWARDS)]
    notebook = nbformat.v4.new_notebook(cells=cells)
    with pytest.MonkeyPatch.context() as environment:
        # Neither settings nor traces of the user's own notebooks.
        for name in ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR"):
            environment.setenv(name, str(tmp_path_factory.mktemp(name)))
        NotebookClient(notebook, timeout=None, allow_errors=True, kernel_name="python3").execute()
    return [cell.outputs for cell in cells]


def text(outputs, name):
    return "".join(it.text for it in outputs if it.output_type == "stream" and it.name == name)


def test_a_live_line_is_drawn(outputs):
    drawn = text(outputs[1], "stderr")
    assert drawn.count("\n") == 1 and drawn.endswith("\n")
    assert "\rblock 12, " in drawn and "chance so far" in drawn


def test_a_cell_may_await_a_solution(outputs):
    assert text(outputs[2], "stdout") == "1000\n"


def test_the_button_that_interrupts_ends_a_search(outputs):
    assert [it.ename for it in outputs[3]] == ["KeyboardInterrupt"]
    assert text(outputs[4], "stdout") == "<btpow.Solver, closed>\n"
