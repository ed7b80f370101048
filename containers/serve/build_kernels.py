"""Compile the kernels for the processors they are written for.

    python build_kernels.py

The compiler is ziglang's, a package like any other: the same one in the image and on every machine. Where it or the
processor is another kind, nothing is compiled, and ONNX Runtime serves.
"""

import platform
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

HERE = Path(__file__).resolve().parent
COMPILED = HERE / "trieur_serve" / "engines" / "compiled"
WARNINGS = ("-Wall", "-Wextra", "-Wno-psabi")
FLAGS = ("-O3", "-std=gnu11", *WARNINGS, "-fno-math-errno", "-ffp-contract=fast", "-fno-strict-aliasing")
SHARED = ("-shared", "-fPIC", "-fvisibility=default", "-target", "x86_64-linux-gnu.2.28")
AVX2 = ("-march=haswell",)
AVX512 = tuple(f"-mavx512{part}" for part in ("f", "bw", "dq", "vl", "cd", "vnni"))
PROCESSORS = {"avx2": AVX2, "avx512vnni": (*AVX2, *AVX512, "-mprefer-vector-width=512")}


def main() -> int:
    COMPILED.mkdir(parents=True, exist_ok=True)
    if (platform.system(), platform.machine()) != ("Linux", "x86_64") or find_spec("ziglang") is None:
        print("The kernels are for Linux on x86-64 and need ziglang to be compiled; ONNX Runtime will serve.")
        return 0
    sources = sorted(str(path) for path in (HERE / "kernels").glob("*.c"))
    for name, flags in PROCESSORS.items():
        target = COMPILED / f"{name}.so"
        command = [sys.executable, "-m", "ziglang", "cc", *FLAGS, *SHARED, *flags, "-o", str(target), *sources]
        finished = subprocess.run([*command, "-lm", "-lpthread"], check=False)
        if finished.returncode:
            return finished.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main())
