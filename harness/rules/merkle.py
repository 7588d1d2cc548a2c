"""The tree over the log: one root for all entries, short proofs that an entry is in it and that it only grew.

RFC 6962, section 2.1: a leaf is SHA-256(0x00 ‖ entry), a node SHA-256(0x01 ‖ left ‖ right), and the left half of a tree
is the largest power of two below its size. A frontier holds the roots of the full subtrees, largest first: enough to
append without reading the log again.
"""

import hashlib
from collections.abc import Sequence

Frontier = tuple[bytes, ...]
EMPTY_ROOT = hashlib.sha256(b"").digest()


def leaf_hash(entry: bytes) -> bytes:
    """The hash of one entry."""
    return hashlib.sha256(b"\0" + entry).digest()


def frontier_of(leaves: Sequence[bytes]) -> Frontier:
    """The frontier of a log with these leaf hashes."""
    frontier: Frontier = ()
    for size, leaf in enumerate(leaves):
        frontier = grown(frontier, size, leaf)
    return frontier


def grown(frontier: Frontier, size: int, leaf: bytes) -> Frontier:
    """The frontier of a log of `size` entries after one more."""
    if len(frontier) != size.bit_count():
        raise ValueError("that is no frontier of a log of this size")
    node, left = leaf, list(frontier)
    while size & 1:
        node = _node(left.pop(), node)
        size >>= 1
    return (*left, node)


def root_of_frontier(frontier: Frontier) -> bytes:
    """The root that a frontier stands for."""
    if not frontier:
        return EMPTY_ROOT
    node = frontier[-1]
    for left in reversed(frontier[:-1]):
        node = _node(left, node)
    return node


def root_of(leaves: Sequence[bytes]) -> bytes:
    """The root over these leaf hashes."""
    return root_of_frontier(frontier_of(leaves))


def inclusion_proof(leaves: Sequence[bytes], index: int) -> tuple[bytes, ...]:
    """The neighbours on the way from leaf `index` up to the root."""
    return inclusion_proofs(leaves, (index,))[0]


def inclusion_proofs(leaves: Sequence[bytes], indexes: Sequence[int]) -> tuple[tuple[bytes, ...], ...]:
    """The same for several, hashing every subtree once."""
    roots: dict[tuple[int, int], bytes] = {}
    for index in indexes:
        if not 0 <= index < len(leaves):
            raise ValueError(f"there is no entry {index} among {len(leaves)}")
    return tuple(_path(leaves, index, roots) for index in indexes)


def included(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether the proof leads from that leaf at that place of a log of that size to that root (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    at, last, node = index, size - 1, leaf
    for one in proof:
        if last == 0:
            return False
        if at & 1 or at == last:
            node = _node(one, node)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            node = _node(node, one)
        at, last = at >> 1, last >> 1
    return last == 0 and node == root


def consistency_proof(leaves: Sequence[bytes], earlier: int) -> tuple[bytes, ...]:
    """What shows that the log of `earlier` entries is the beginning of this one."""
    if not 0 <= earlier <= len(leaves):
        raise ValueError(f"a log of {len(leaves)} was never one of {earlier}")
    if earlier in {0, len(leaves)}:
        return ()
    return _consistency(leaves, earlier, whole=True)


def consistent(earlier: int, root: bytes, size: int, newer: bytes, proof: Sequence[bytes]) -> bool:
    """Whether the log of `size` entries begins with the one of `earlier` (RFC 9162, 2.1.4.2)."""
    if earlier == size:
        return root == newer and not proof
    if earlier == 0:
        return root == EMPTY_ROOT and not proof
    if not 0 < earlier < size or not proof:
        return False
    path = list(proof) if earlier & (earlier - 1) else [root, *proof]
    at, last = earlier - 1, size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    first = second = path[0]
    for one in path[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            first, second = _node(one, first), _node(one, second)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            second = _node(second, one)
        at, last = at >> 1, last >> 1
    return last == 0 and first == root and second == newer


def _consistency(leaves: Sequence[bytes], earlier: int, *, whole: bool) -> tuple[bytes, ...]:
    if earlier == len(leaves):
        return () if whole else (root_of(leaves),)
    half = _half(len(leaves))
    if earlier <= half:
        return (*_consistency(leaves[:half], earlier, whole=whole), root_of(leaves[half:]))
    return (*_consistency(leaves[half:], earlier - half, whole=False), root_of(leaves[:half]))


def _path(leaves: Sequence[bytes], index: int, roots: dict[tuple[int, int], bytes]) -> tuple[bytes, ...]:
    start, end, path = 0, len(leaves), list[bytes]()
    while end - start > 1:
        middle = start + _half(end - start)
        beside = (middle, end) if index < middle else (start, middle)
        if beside not in roots:
            roots[beside] = root_of(leaves[slice(*beside)])
        path.append(roots[beside])
        start, end = (start, middle) if index < middle else (middle, end)
    return tuple(reversed(path))


def _half(size: int) -> int:
    return 1 << ((size - 1).bit_length() - 1)


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\1" + left + right).digest()
