"""Build the extensions _core, _tournament and _training; metadata is in pyproject.toml."""

import os
import sys
import sysconfig
from pathlib import Path

import numpy
from Cython.Build import cythonize
from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

# No -march: one wheel runs on any x86-64 or arm64. No -ffast-math: it reorders floats.
# -ffp-contract=off: a fused multiply-add rounds once, so it differs between machines.
UNIX_FLAGS = ["-O3", "-std=c11", "-ffp-contract=off", "-fvisibility=hidden", "-Wall", "-Wextra"]
MSVC_FLAGS = ["/O2", "/std:c11", "/fp:precise"]
SANITIZE = ["-fsanitize=address,undefined", "-fno-sanitize-recover=undefined", "-O1", "-g"]
COVERAGE = ["--coverage", "-O0", "-fprofile-update=atomic"]

# One abi3 wheel serves CPython 3.11 and later; free-threaded builds have no stable ABI.
ABI3 = sys.implementation.name == "cpython" and not sysconfig.get_config_var("Py_GIL_DISABLED")


class BuildExt(build_ext):
    """Choose compiler flags when the compiler is known."""

    def build_extensions(self) -> None:
        """Set the flags, then build."""
        msvc = self.compiler.compiler_type == "msvc"
        for extension in self.extensions:
            extension.extra_compile_args = list(MSVC_FLAGS if msvc else UNIX_FLAGS)
            if os.environ.get("CAM_ARENA_SANITIZE") and not msvc:
                extension.extra_compile_args += SANITIZE
                extension.extra_link_args = SANITIZE[:1]
            if os.environ.get("CAM_ARENA_COVERAGE") and not msvc:
                extension.extra_compile_args += COVERAGE
                extension.extra_link_args = COVERAGE[:1]
        if os.environ.get("CAM_ARENA_COVERAGE"):
            self.parallel = None
        super().build_extensions()

    def build_extension(self, extension: Extension) -> None:
        """Build one; two that share a source must not share its counts."""
        folder = self.build_temp
        if os.environ.get("CAM_ARENA_COVERAGE"):
            self.build_temp = os.path.join(folder, extension.name)
        super().build_extension(extension)
        self.build_temp = folder


def make_extension(name: str, sources: list[str]) -> Extension:
    """Describe one extension of the package; a change of any file in csrc/ rebuilds it."""
    return Extension(
        f"cam_arena.{name}",
        sources=[f"csrc/{source}" for source in sources],
        depends=sorted(str(path) for path in Path("csrc").iterdir()),
        include_dirs=["csrc", numpy.get_include()],
        libraries=["m"] if os.name == "posix" else [],
        define_macros=[("Py_LIMITED_API", "0x030B0000")] if ABI3 else [],
        py_limited_api=ABI3,
    )


setup(
    ext_modules=cythonize(
        [
            make_extension("_core", ["_core.pyx", "engine.c", "batch.c", "pool.c"]),
            make_extension("_tournament", ["_tournament.pyx", "engine.c"]),
            make_extension("_training", ["_training.pyx", "training.c", "network.c", "mean.c"]),
        ],
        include_path=["csrc"],
        build_dir="build/cython",
        # Not freethreading_compatible: Python's lock keeps the marks of steps under way consistent.
        compiler_directives={"language_level": 3},
    ),
    cmdclass={"build_ext": BuildExt},
    options={"bdist_wheel": {"py_limited_api": "cp311"}} if ABI3 else {},
)
