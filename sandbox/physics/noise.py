"""Small irregularities that are the same whenever and wherever they are computed."""

import zlib

_MASK = (1 << 64) - 1
_SWING = float(1 << 63)


def seed_of(text: str) -> int:
    """Return a seed for a resource."""
    return zlib.crc32(text.encode()) * 0x9E3779B97F4A7C15 & _MASK


def noise(seed: int, at: float) -> float:
    """Return a number in [-1, 1) for a moment, by splitmix64 (https://prng.di.unimi.it/splitmix64.c)."""
    mixed = (seed + int(at) * 0x9E3779B97F4A7C15) & _MASK
    mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & _MASK
    return (mixed ^ (mixed >> 31)) / _SWING - 1.0


def wobble(seed: int, at: float, share: float = 0.04) -> float:
    """Return a factor near 1 for a moment."""
    return 1.0 + share * noise(seed, at)
