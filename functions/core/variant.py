"""Who takes part in a trial: a number for each caller, which is the same wherever and whenever it is computed."""

from binascii import crc32

MASK = 0xFFFFFFFF


def share(name: str, version: int, key: str) -> float:
    """Where a caller stands in the trial of a version, from 0 up to but not including 1.

    The canary serves those below its weight: raising the weight keeps everyone that it serves. Another version on
    trial begins with other callers.

    Args:
        key: what tells callers apart: their session, or else the request itself.
    """
    mixed = _finished(crc32(f"{name}@{version} {key}".encode("utf-8", "surrogatepass")))
    return mixed / (MASK + 1)


def _finished(number: int) -> int:
    """MurmurHash3's finalizer of 32 bits: a CRC is linear, so keys that are alike would stand close together."""
    number ^= number >> 16
    number = number * 0x85EBCA6B & MASK
    number ^= number >> 13
    number = number * 0xC2B2AE35 & MASK
    return number ^ number >> 16
