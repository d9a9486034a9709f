"""Runs the Python of the documents as it stands there, with what is installed and nothing else."""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]

#: Each document, and how much Python it has at least: a block that is lost is noticed.
DOCUMENTS = {"README.md": 1, "native/python/README.md": 2}

#: Blocks with these words need what only a chain or the official client gives; the tests with those run the same.
ELSEWHERE = ("import bittensor", "subtensor")


def main() -> None:
    for document, least in DOCUMENTS.items():
        text = (ROOT / document).read_text(encoding="utf-8")
        blocks = re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
        ran = [block for block in blocks if not any(word in block for word in ELSEWHERE)]
        if len(ran) < least:
            sys.exit(f"{document} has {len(ran)} blocks of Python to run, not {least}")
        for block in ran:
            exec(compile(block, document, "exec"), {"__name__": "__main__"})  # noqa: S102
    print("the documents' Python works")


main()
