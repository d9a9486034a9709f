"""Compiles a CUDA source to PTX with NVRTC, from its PyPI wheel.

usage: nvrtc.py SOURCE RESULT OPTION...

The result leaves out what means nothing to a driver: comments, empty lines, indentation.
"""

import ctypes
import importlib.util
import pathlib
import sys


def library():
    package = importlib.util.find_spec("nvidia.cuda_nvrtc")
    folder = pathlib.Path(package.submodule_search_locations[0])
    for pattern in ("lib/libnvrtc.so.*", "bin/nvrtc64_*.dll"):
        for path in folder.glob(pattern):
            return ctypes.CDLL(str(path))
    sys.exit(f"no NVRTC in {folder}")


def text(nvrtc, program, size, get):
    length = ctypes.c_size_t()
    check(nvrtc, size(program, ctypes.byref(length)))
    buffer = ctypes.create_string_buffer(length.value)
    check(nvrtc, get(program, buffer))
    return buffer.value.decode()


def check(nvrtc, result):
    if result != 0:
        nvrtc.nvrtcGetErrorString.restype = ctypes.c_char_p
        sys.exit("NVRTC: " + nvrtc.nvrtcGetErrorString(result).decode())


def compile(source, options):
    nvrtc = library()
    program = ctypes.c_void_p()
    name = source.name.encode()
    check(nvrtc, nvrtc.nvrtcCreateProgram(ctypes.byref(program), source.read_bytes(), name, 0, None, None))
    array = (ctypes.c_char_p * len(options))(*[option.encode() for option in options])
    result = nvrtc.nvrtcCompileProgram(program, len(options), array)
    log = text(nvrtc, program, nvrtc.nvrtcGetProgramLogSize, nvrtc.nvrtcGetProgramLog)
    if log.strip():
        print(log, file=sys.stderr)
    check(nvrtc, result)
    return text(nvrtc, program, nvrtc.nvrtcGetPTXSize, nvrtc.nvrtcGetPTX)


def main():
    source, result, *options = sys.argv[1:]
    lines = (line.strip() for line in compile(pathlib.Path(source), options).splitlines())
    kept = [line for line in lines if line and not line.startswith("//")]
    pathlib.Path(result).write_text("\n".join(kept) + "\n")


main()
