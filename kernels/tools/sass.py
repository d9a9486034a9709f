"""Counts the machine instructions that a nonce costs, by kernel.

usage: sass.py PTX TURNS ARCHITECTURE...

Assembles a PTX file with ptxas (PyPI `nvidia-cuda-nvcc`), disassembles it with nvdisasm (PyPI
`triton`) and prints JSON: architecture -> kernel -> its cost.

The cost of a nonce is the cheapest way once around the smallest loop that can report a candidate,
since only one nonce in a thousand takes the way through the report and the exact test; but the way
must pass the loop's largest block, since a thread may skip a nonce. A loop inside that one is the
rounds of Keccak and runs TURNS times. The loop around it, if there is one, expands the schedule of an
index.
"""

import collections
import heapq
import importlib.util
import json
import pathlib
import re
import subprocess
import sys
import tempfile

SECTION = re.compile(r"\s*\.section\s+\.text\.(\w+)")
LABEL = re.compile(r"(\.L_x_\d+):")
INSTRUCTION = re.compile(r"\s+/\*[0-9a-f]{4,}\*/\s+(?:\{\s*)?(@!?U?P\w+\s+)?([A-Z][A-Z0-9_.]*)(.*)")
TARGET = re.compile(r"`\((\.L_x_\d+)\)")
# A CALL without increment is a jump too: on older architectures, ptxas ends loops with one.
JUMPS = ("BRA", "CALL")
# A shorter loop is not real: it is the endless jump after the last instruction.
SHORTEST_LOOP = 50


def tool(package, *places):
    for folder in importlib.util.find_spec(package).submodule_search_locations:
        for place in places:
            path = pathlib.Path(folder) / place
            if path.exists():
                return str(path)
    sys.exit(f"no {places[0]} in the package {package}")


def kind(operation):
    """The kind to count. Products of 64 bits count separately, since they may be slower than others."""
    for wide in ("IMAD.WIDE", "IMAD.HI"):
        if operation.startswith(wide):
            return wide
    return operation.split(".")[0]


class Kernel:
    """The basic blocks of a kernel, in order; block i continues with the blocks after[i]."""

    def __init__(self, lines):
        self.blocks, labels = [[]], {}
        for line in lines:
            if label := LABEL.match(line):
                if self.blocks[-1]:
                    self.blocks.append([])
                labels[label[1]] = len(self.blocks) - 1
            elif instruction := INSTRUCTION.match(line):
                predicate, operation, rest = instruction.groups()
                self.blocks[-1].append((operation, predicate, rest))
                if kind(operation) in (*JUMPS, "EXIT"):
                    self.blocks.append([])
        self.after = [self.successors(i, labels) for i in range(len(self.blocks))]
        self.before = [[] for _ in self.blocks]
        for i, after in enumerate(self.after):
            for j in after:
                self.before[j].append(i)

    def successors(self, i, labels):
        following = [i + 1] if i + 1 < len(self.blocks) else []
        if not self.blocks[i]:
            return following
        operation, predicate, rest = self.blocks[i][-1]
        conditional = predicate or re.match(r"\s*!?U?P\d", rest)
        if kind(operation) in JUMPS:
            jump = [labels[TARGET.search(rest)[1]]]
            return jump + following if conditional else jump
        if kind(operation) == "EXIT" and not conditional:
            return []
        return following

    def length(self, blocks):
        return sum(len(self.blocks[i]) for i in blocks)

    def dominators(self):
        """For each block, the blocks that every way to it passes."""
        everything = set(range(len(self.blocks)))
        dominators = [{0}] + [everything] * (len(self.blocks) - 1)
        changed = True
        while changed:
            changed = False
            for i in range(1, len(self.blocks)):
                ways = [dominators[j] for j in self.before[i]]
                new = {i} | (set.intersection(*ways) if ways else everything)
                if new != dominators[i]:
                    dominators[i], changed = new, True
        return dominators

    def loops(self):
        """Each loop as its first block and all its blocks, shortest loop first."""
        loops, dominators = {}, self.dominators()
        for last, after in enumerate(self.after):
            for first in after:
                if first not in dominators[last]:
                    continue
                body, todo = {first, last}, [last]
                while todo:
                    block = todo.pop()
                    for earlier in self.before[block] if block != first else []:
                        if earlier not in body:
                            body.add(earlier)
                            todo.append(earlier)
                loops[first] = loops.get(first, set()) | body
        return sorted(loops.items(), key=lambda loop: self.length(loop[1]))

    def cheapest(self, start, end, body, turns):
        """The blocks of the cheapest way from a block to before another one, within a loop."""
        cost = lambda block: len(self.blocks[block]) * turns.get(block, 1)
        distance, way, queue = {start: cost(start)}, {}, [(cost(start), start)]
        while queue:
            length, block = heapq.heappop(queue)
            if end in self.after[block]:
                break
            for later in self.after[block]:
                new = length + cost(later)
                if later in body and new < distance.get(later, sys.maxsize):
                    distance[later], way[later] = new, block
                    heapq.heappush(queue, (new, later))
        else:
            sys.exit(f"no way from block {start} to block {end}")
        blocks = [block]
        while block in way:
            blocks.append(block := way[block])
        return blocks

    def around(self, first, body, turns):
        """The instructions of the cheapest way around a loop that passes its largest block: the work
        for which the loop is there, and which a thread without any skips. Blocks that cost no turns
        do not count as work."""
        work = max(body, key=lambda block: len(self.blocks[block]) * (turns.get(block, 1) > 0))
        blocks = self.cheapest(work, first, body, turns)
        if work != first:
            blocks += self.cheapest(first, work, body, turns)
        count = collections.Counter()
        for block in blocks:
            for operation, _, _ in self.blocks[block]:
                count[kind(operation)] += turns.get(block, 1)
        return +count

    def costs(self, turns):
        loops = [loop for loop in self.loops() if self.length(loop[1]) > SHORTEST_LOOP]
        reports = lambda body: any(
            operation.startswith(("ATOM", "RED")) for i in body for operation, _, _ in self.blocks[i]
        )
        around = [loop for loop in loops if reports(loop[1])]
        if not around:
            sys.exit("no loop that reports candidates")
        first, nonce = around[0]
        rounds = {i: turns for _, body in loops if body < nonce for i in body}
        if bool(rounds) != (turns > 1):
            sys.exit(f"expected rounds in a loop: {turns > 1}, found: {bool(rounds)}")
        per_nonce = self.around(first, nonce, rounds)
        costs = {"instructions": per_nonce.total(), "operations": dict(sorted(per_nonce.items()))}
        if len(around) > 1:
            first, index = around[1]
            free = {i: 0 for i in nonce}
            costs["per_index"] = self.around(first, index, free).total()
        return costs


def kernels(disassembly):
    found, lines = {}, None
    for line in disassembly.splitlines():
        if section := SECTION.match(line):
            lines = found.setdefault(section[1], [])
        elif lines is not None:
            lines.append(line)
    return {name: Kernel(lines) for name, lines in found.items()}


def used(report, name):
    """A kernel's resources by ptxas: registers, bytes of stack, bytes of spills."""
    part = report[report.index(f"Function properties for {name}\n") :]
    stack, stores, loads = re.search(
        r"(\d+) bytes stack frame, (\d+) bytes spill stores, (\d+) bytes spill loads", part
    ).groups()
    registers = re.search(r"Used (\d+) registers", part)[1]
    return {"registers": int(registers), "stack": int(stack), "spills": int(stores) + int(loads)}


def main():
    source, turns, *architectures = sys.argv[1:]
    assembler = tool("nvidia", "cu13/bin/ptxas")
    disassembler = tool("triton", "backends/nvidia/bin/nvdisasm")
    result = {}
    with tempfile.TemporaryDirectory() as folder:
        binary = pathlib.Path(folder) / "kernels.cubin"
        for architecture in architectures:
            assemble = [assembler, "-v", f"-arch={architecture}", source, "-o", binary]
            report = subprocess.run(assemble, check=True, capture_output=True, text=True).stderr
            listing = subprocess.run([disassembler, "-c", binary], check=True, capture_output=True, text=True).stdout
            result[architecture] = {
                name: used(report, name) | kernel.costs(int(turns))
                for name, kernel in sorted(kernels(listing).items())
            }
    print(json.dumps(result, indent=1))


main()
