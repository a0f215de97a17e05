"""Memory that processes share: it has no name to clean up, and no descriptor once it is mapped."""

import ctypes
import mmap
import os
import tempfile
import weakref

from ..errors import WorkerError

__all__ = ["mapped", "new_file"]


def new_file(size: int) -> int:
    """Return the descriptor of a nameless file of so many bytes, all of them there.

    On Linux the file is in memory, and not in /dev/shm, of which containers have little.

    Raises:
        WorkerError: if the system does not give so much.
    """
    if hasattr(os, "memfd_create"):
        descriptor = os.memfd_create("cam-arena")
    else:
        with tempfile.TemporaryFile() as file:
            descriptor = os.dup(file.fileno())
    try:
        if hasattr(os, "posix_fallocate"):
            os.posix_fallocate(descriptor, 0, size)  # what is missing later is a SIGBUS
        else:
            os.ftruncate(descriptor, size)
    except OSError as error:
        os.close(descriptor)
        raise WorkerError(
            f"num_workers shares {size / 2**20:.1f} MiB with its workers, which the system does "
            f"not give ({error.strerror}): take fewer matches, smaller pictures or frame_stack, "
            "or raise the limit of memory"
        ) from error
    return descriptor


def mapped(descriptor: int, size: int) -> memoryview:
    """Return a file's bytes, which stay mapped for as long as anything refers to them.

    The descriptor may be closed: Python's own `mmap` would keep another one until the last array
    over the bytes has gone.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    libc.mmap.restype = ctypes.c_void_p
    libc.mmap.argtypes = (
        *(ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int),
        *(ctypes.c_int, ctypes.c_int, ctypes.c_long),
    )
    libc.munmap.argtypes = (ctypes.c_void_p, ctypes.c_size_t)
    access = mmap.PROT_READ | mmap.PROT_WRITE
    address = libc.mmap(None, size, access, mmap.MAP_SHARED, descriptor, 0)
    if address == ctypes.c_void_p(-1).value:
        number = ctypes.get_errno()
        raise WorkerError(f"cannot map {size / 2**20:.1f} MiB: {os.strerror(number)}")
    content = (ctypes.c_char * size).from_address(address)
    # Not at exit: arrays may be read until the very end, and the system unmaps by itself.
    weakref.finalize(content, libc.munmap, address, size).atexit = False
    return memoryview(content).cast("B")
