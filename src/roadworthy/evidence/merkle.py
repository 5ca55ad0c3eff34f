"""Merkle trees over lists of entries, with proofs (RFC 6962, RFC 9162)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Self

EMPTY_ROOT = hashlib.sha256(b"").digest()


def leaf_hash(entry: bytes) -> bytes:
    """Return the hash of one entry; the prefix keeps leaves and nodes apart."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Frontier:
    """The right edge of a growing tree: enough to append a leaf and to know the root, in O(log n)."""

    def __init__(self) -> None:
        self.size = 0
        self.edge: list[bytes] = []
        """Roots of the perfect subtrees, largest first: one for each bit of `size` that is set."""

    @classmethod
    def over(cls, leaves: Sequence[bytes]) -> Self:
        """Grow a tree over leaf hashes."""
        frontier = cls()
        for leaf in leaves:
            frontier.append(leaf)
        return frontier

    @classmethod
    def resumed(cls, size: int, edge: Sequence[bytes]) -> Self:
        """Take up a tree of `size` leaves from its edge."""
        if len(edge) != size.bit_count():
            raise ValueError(f"a tree of {size} leaves has an edge of {size.bit_count()}, not {len(edge)}")
        frontier = cls()
        frontier.size, frontier.edge = size, list(edge)
        return frontier

    def append(self, leaf: bytes) -> None:
        """Add one leaf hash at the right."""
        carry, bits = leaf, self.size
        while bits & 1:
            carry = node_hash(self.edge.pop(), carry)
            bits >>= 1
        self.edge.append(carry)
        self.size += 1

    def root(self) -> bytes:
        """Return the root hash of the leaves so far."""
        if not self.edge:
            return EMPTY_ROOT
        root = self.edge[-1]
        for left in reversed(self.edge[:-1]):
            root = node_hash(left, root)
        return root


def root_hash(leaves: Sequence[bytes]) -> bytes:
    """Return the root hash of a list of leaf hashes."""
    return Frontier.over(leaves).root()


def inclusion_proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """Return the audit path of leaf `index` (RFC 6962 section 2.1.1), nearest first."""
    if not 0 <= index < len(leaves):
        raise IndexError(f"no leaf {index} among {len(leaves)}")
    if len(leaves) == 1:
        return []
    split = _split(len(leaves))
    if index < split:
        return [*inclusion_proof(leaves[:split], index), root_hash(leaves[split:])]
    return [*inclusion_proof(leaves[split:], index - split), root_hash(leaves[:split])]


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Tell whether `proof` shows leaf hash `leaf` at `index` of the tree (RFC 9162 section 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    position, last, current = index, size - 1, leaf
    for step in proof:
        if last == 0:
            return False
        if position & 1 or position == last:
            current = node_hash(step, current)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            current = node_hash(current, step)
        position, last = position >> 1, last >> 1
    return last == 0 and current == root


def consistency_proof(leaves: Sequence[bytes], old_size: int) -> list[bytes]:
    """Return the proof that the first `old_size` leaves are a prefix (RFC 6962 section 2.1.2)."""
    if not 0 < old_size <= len(leaves):
        raise IndexError(f"no tree of {old_size} within {len(leaves)}")
    return _consistency(leaves, old_size, whole=True)


def _consistency(leaves: Sequence[bytes], old_size: int, *, whole: bool) -> list[bytes]:
    if old_size == len(leaves):
        return [] if whole else [root_hash(leaves)]
    split = _split(len(leaves))
    if old_size <= split:
        return [*_consistency(leaves[:split], old_size, whole=whole), root_hash(leaves[split:])]
    return [*_consistency(leaves[split:], old_size - split, whole=False), root_hash(leaves[:split])]


def verify_consistency(old_size: int, new_size: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes) -> bool:
    """Tell whether `proof` shows the old tree to be a prefix of the new one (RFC 9162 section 2.1.4.2)."""
    if not 0 < old_size <= new_size:
        return False
    if old_size == new_size:
        return not proof and old_root == new_root
    path = list(proof) if old_size & (old_size - 1) else [old_root, *proof]
    if not path:
        return False
    position, last = old_size - 1, new_size - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    old, new = path[0], path[0]
    for step in path[1:]:
        if last == 0:
            return False
        if position & 1 or position == last:
            old, new = node_hash(step, old), node_hash(step, new)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            new = node_hash(new, step)
        position, last = position >> 1, last >> 1
    return last == 0 and old == old_root and new == new_root


def _split(size: int) -> int:
    """Return the largest power of two smaller than `size`."""
    return 1 << (size - 1).bit_length() - 1
