"""Build cam_arena._core. Metadata is in pyproject.toml."""

import os
import sys
import sysconfig

from Cython.Build import cythonize
from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

# No -march: one wheel runs on any x86-64 or arm64. No -ffast-math: it reorders floats.
# -ffp-contract=off: a fused multiply-add rounds once, so it differs between machines.
UNIX_FLAGS = ["-O3", "-std=c11", "-ffp-contract=off", "-fvisibility=hidden", "-Wall", "-Wextra"]
MSVC_FLAGS = ["/O2", "/std:c11", "/fp:precise"]
SANITIZE = ["-fsanitize=address,undefined", "-fno-sanitize-recover=undefined", "-O1", "-g"]

# One abi3 wheel serves CPython 3.11 and later; free-threaded builds have no stable ABI.
ABI3 = sys.implementation.name == "cpython" and not sysconfig.get_config_var("Py_GIL_DISABLED")


class BuildExt(build_ext):
    """Choose compiler flags when the compiler is known."""

    def build_extensions(self):
        """Set the flags, then build."""
        msvc = self.compiler.compiler_type == "msvc"
        for extension in self.extensions:
            extension.extra_compile_args = list(MSVC_FLAGS if msvc else UNIX_FLAGS)
            if os.environ.get("CAM_ARENA_SANITIZE") and not msvc:
                extension.extra_compile_args += SANITIZE
                extension.extra_link_args = SANITIZE[:1]
        super().build_extensions()


PARTS = ["types.h", "engine.h", "fixed.h", "rng.h", "tick.c", "moves.c", "hits.c", "effects.c", "entities.c"]
PARTS += ["reset.c", "observe.c", "rewards.c", "bots.c", "hash.c", "check.c", "records.c", "engine.pxd"]

core = Extension(
    "cam_arena._core",
    sources=["csrc/_core.pyx", "csrc/engine.c"],
    depends=[f"csrc/{part}" for part in PARTS],
    include_dirs=["csrc"],
    define_macros=[("Py_LIMITED_API", "0x030B0000")] if ABI3 else [],
    py_limited_api=ABI3,
)

setup(
    ext_modules=cythonize(
        [core],
        include_path=["csrc"],
        build_dir="build/cython",
        compiler_directives={"language_level": 3, "freethreading_compatible": True},
    ),
    cmdclass={"build_ext": BuildExt},
    options={"bdist_wheel": {"py_limited_api": "cp311"}} if ABI3 else {},
)
