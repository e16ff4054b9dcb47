"""The tree over the entries (RFC 6962, section 2.1): roots, proofs that an entry is in it and that a later tree has only grown.

A tree is read through a function `node(level, index)`: the hash over the leaves from `index * 2**level` on, `2**level` of them, all of
which are there. Who keeps the hashes, and how, is not the business of this module. A leaf's hash is `shared.envelope.leaf_hash`.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from shared.proof.errors import ProofError

HASH_BYTES: Final = 32
EMPTY_ROOT: Final = hashlib.sha256(b"").digest()
Node = Callable[[int, int], bytes]


def node_hash(left: bytes, right: bytes) -> bytes:
    """Returns the hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Edge(NamedTuple):
    """All that is needed of a tree to let it grow: its size and the roots of its complete subtrees, the largest first."""

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    def extend(self, leaves: Iterable[bytes]) -> "Edge":
        """Returns the edge after more leaf hashes."""
        size, stack = self.size, list(self.hashes)
        for leaf in leaves:
            joined, hashed = size, leaf
            while joined & 1:
                hashed = node_hash(stack.pop(), hashed)
                joined >>= 1
            stack.append(hashed)
            size += 1
        return Edge(size, tuple(stack))

    def root(self) -> bytes:
        """Returns the root of the tree."""
        return _joined(self.hashes)


def root_of_leaves(leaves: Iterable[bytes]) -> bytes:
    """Returns the root over leaf hashes."""
    return Edge().extend(leaves).root()


def range_root(node: Node, start: int, end: int) -> bytes:
    """Returns the root over the leaves from `start` to before `end`; the range is one that occurs in a tree (`is_subtree`)."""
    return _joined([node(level, index) for level, index in _complete(start, end)])


def _joined(hashes: Sequence[bytes]) -> bytes:
    """Returns the root over the roots of complete subtrees, the largest first."""
    if not hashes:
        return EMPTY_ROOT
    root = hashes[-1]
    for left in reversed(hashes[:-1]):
        root = node_hash(left, root)
    return root


def _complete(start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yields level and index of the complete subtrees that make up a range, from left to right and the largest first."""
    while start < end:
        level = (end - start).bit_length() - 1
        yield level, start >> level
        start += 1 << level


def is_subtree(start: int, end: int) -> bool:
    """Says whether a range of leaves is one that has a node in some tree: it begins at a multiple of the power of two that holds it."""
    return 0 <= start < end and start % (1 << (end - start - 1).bit_length()) == 0


# Proofs that a leaf is in a tree


def inclusion_proof(node: Node, index: int, size: int) -> tuple[bytes, ...]:
    """Returns the hashes that lead from a leaf to the root, the leaf's sibling first; raises `ProofError` (`out-of-tree`)."""
    if not 0 <= index < size:
        raise ProofError("out-of-tree", f"leaf {index} of a tree of {size}")
    return tuple(range_root(node, start, end) for start, end in _siblings(index, size))


def _siblings(index: int, size: int) -> list[tuple[int, int]]:
    """Returns the ranges beside the way from the root to a leaf, the leaf's own sibling first."""
    start, end, beside = 0, size, []
    while end - start > 1:
        middle = start + _left_leaves(end - start)
        if index < middle:
            beside.append((middle, end))
            end = middle
        else:
            beside.append((start, middle))
            start = middle
    return beside[::-1]


def _left_leaves(size: int) -> int:
    """Returns how many leaves the left half of a tree has: the largest power of two below its size."""
    return 1 << (size - 1).bit_length() - 1


def check_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Checks that a leaf hash stands at an index of the tree with this size and root; raises `ProofError`."""
    _check_hashes((root,))
    if inclusion_root(leaf, index, size, proof) != root:
        raise ProofError("wrong-proof", f"leaf {index} does not lead to the root")


def inclusion_root(leaf: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes:
    """Returns the root to which a proof leads from a leaf hash at an index of a tree of this size; raises `ProofError`."""
    if not 0 <= index < size:
        raise ProofError("out-of-tree", f"leaf {index} of a tree of {size}")
    _check_hashes((leaf, *proof))
    siblings = _siblings(index, size)
    if len(proof) != len(siblings):
        raise ProofError("wrong-proof", f"{len(proof)} hashes instead of {len(siblings)}")
    found = leaf
    for beside, (start, _) in zip(proof, siblings, strict=True):
        found = node_hash(found, beside) if start > index else node_hash(beside, found)
    return found


def proof_length(index: int, size: int) -> int:
    """Returns how many hashes lead from a leaf to the root."""
    return len(_siblings(index, size))


def check_subtree_inclusion(leaf: bytes, index: int, start: int, end: int, proof: Sequence[bytes], root: bytes) -> None:
    """Checks that a leaf hash stands at an index of the subtree from `start` to before `end`; raises `ProofError`."""
    if not is_subtree(start, end):
        raise ProofError("out-of-tree", f"no node covers {start} to {end}")
    check_inclusion(leaf, index - start, end - start, proof, root)


# Proofs that a tree has only grown


def consistency_proof(node: Node, size: int, later_size: int) -> tuple[bytes, ...]:
    """Returns the hashes by which a later tree is shown to begin with an earlier one; raises `ProofError` (`out-of-tree`)."""
    return subtree_consistency_proof(node, 0, size, later_size)


def subtree_consistency_proof(node: Node, start: int, end: int, size: int) -> tuple[bytes, ...]:
    """Returns the hashes by which a tree of a size is shown to hold a subtree; raises `ProofError` (`out-of-tree`)."""
    if not is_subtree(start, end) or end > size:
        raise ProofError("out-of-tree", f"{start} to {end} in a tree of {size}")
    first, last, known, beside = 0, size, True, []
    while (first, last) != (start, end):
        middle = first + _left_leaves(last - first)
        if end <= middle:
            beside.append((middle, last))
            last = middle
        else:
            beside.append((first, middle))
            # A subtree that reaches over the middle is not itself a node of the tree: only its right part is looked for.
            known, start, first = known and start >= middle, max(start, middle), middle
    own = [] if known else [(start, end)]
    return tuple(range_root(node, *found) for found in (*own, *reversed(beside)))


def check_consistency(size: int, root: bytes, later_size: int, later_root: bytes, proof: Sequence[bytes]) -> None:
    """Checks that the tree of a later size and root begins with an earlier one; raises `ProofError`. Of an empty tree nothing follows."""
    if size == 0:
        raise ProofError("out-of-tree", "from an empty tree nothing follows")
    check_subtree_consistency(0, size, root, later_size, later_root, proof)


def check_subtree_consistency(start: int, end: int, root: bytes, size: int, tree_root: bytes, proof: Sequence[bytes]) -> None:
    """Checks that a tree holds the subtree from `start` to before `end` with this root; raises `ProofError`.

    The empty range is in every tree, with the root of the empty tree and an empty proof.
    """
    _check_hashes((root, tree_root, *proof))
    if 0 <= start == end <= size:
        if proof or root != EMPTY_ROOT:
            raise ProofError("wrong-proof", "an empty range has the empty root and needs no hashes")
        return
    if not is_subtree(start, end) or end > size:
        raise ProofError("out-of-tree", f"{start} to {end} in a tree of {size}")
    found, found_tree = _climb(start, end - 1, size - 1, root, list(proof))
    if found != root or found_tree != tree_root:
        raise ProofError("wrong-proof", f"the tree of {size} does not hold {start} to {end}")


def _climb(first: int, last: int, end: int, root: bytes, proof: list[bytes]) -> tuple[bytes, bytes]:
    """Returns the roots of subtree and tree to which a proof leads.

    `first` and `last` are the subtree's outer nodes and `end` the tree's last node, all on the level that has been reached.
    """
    whole = last == end
    while first != last and (whole or last & 1):
        first, last, end = first >> 1, last >> 1, end >> 1
    if first != last and not proof:
        raise ProofError("wrong-proof", "no hashes")
    found = found_tree = root if first == last else proof.pop(0)
    for beside in proof:
        if end == 0:
            raise ProofError("wrong-proof", "more hashes than levels")
        if last & 1 or last == end:
            found = node_hash(beside, found) if first < last else found
            found_tree = node_hash(beside, found_tree)
            while not last & 1:
                first, last, end = first >> 1, last >> 1, end >> 1
        else:
            found_tree = node_hash(found_tree, beside)
        first, last, end = first >> 1, last >> 1, end >> 1
    if end != 0:
        raise ProofError("wrong-proof", "fewer hashes than levels")
    return found, found_tree


def _check_hashes(hashes: Iterable[bytes]) -> None:
    if any(len(found) != HASH_BYTES for found in hashes):
        raise ProofError("wrong-proof", f"a hash has {HASH_BYTES} bytes")
