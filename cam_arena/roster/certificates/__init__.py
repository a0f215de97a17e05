"""Proof that the characters are unlike: certificates, a way of looking at a roster each."""

from .certificate import Certificate, Pair

__all__ = ["Certificate", "Pair"]
