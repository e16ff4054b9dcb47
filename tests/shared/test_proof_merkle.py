"""The tree over the entries: its roots, proofs that an entry is in it, proofs that it has only grown."""

import base64
import hashlib
import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.envelope import leaf_hash
from shared.proof import merkle
from shared.proof.errors import ProofError
from shared.proof.merkle import EMPTY_ROOT, Edge, Node, node_hash, range_root, root_of_leaves

# Published test vectors of a verifier of logs; they are not part of the project.
VECTORS = Path(__file__).parents[3] / "shared" / "vectors" / "merkle"
# The vectors that are judged otherwise here, each with the reason.
SHORT = "its roots are the words 'don't care', no hashes of 32 bytes, which are refused here before anything else"
DEVIATIONS = {
    "consistency/additional/sizes-are-equal-one-and-proof-is-empty.json": SHORT,
    "subtreeconsistency/additional/sizes-are-equal-one-and-proof-is-empty.json": SHORT,
    "subtreeconsistency/additional/subtree-is-empty-sizes-are-equal-one-subtree-root-valid-tree-root-random-proof-is-empty.json": SHORT,
    "subtreeconsistency/additional/subtree-is-empty-sizes-are-equal-zero-subtree-root-valid-tree-root-random-proof-is-empty.json": SHORT,
}
# The leaves and roots by which implementations of RFC 6962 have compared themselves since the first one.
LEAVES = [
    bytes.fromhex(text) for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
SIZES_MAX = 130
hashes = st.binary(min_size=32, max_size=32)


@lru_cache(maxsize=1)
def many_leaves() -> list[bytes]:
    """Returns as many leaf hashes as the largest tree here has."""
    return [leaf_hash(str(number).encode()) for number in range(SIZES_MAX)]


def tree(leaves: list[bytes]) -> Node:
    """Returns the reader of the nodes over leaves, by their definition."""
    return lambda level, index: whole_root(tuple(leaves[index << level : (index + 1) << level]))


@lru_cache(maxsize=100_000)
def whole_root(leaves: tuple[bytes, ...]) -> bytes:
    """Returns the root as RFC 6962 defines it, by recursion."""
    if len(leaves) < 2:
        return leaves[0] if leaves else hashlib.sha256(b"").digest()
    middle = 1 << (len(leaves) - 1).bit_length() - 1
    return node_hash(whole_root(leaves[:middle]), whole_root(leaves[middle:]))


def accepts(check: Any, *arguments: Any) -> bool:  # noqa: ANN401 - any of the checks
    """Says whether a check accepts."""
    try:
        check(*arguments)
    except ProofError:
        return False
    return True


def judged(kind: str, vector: dict[str, Any]) -> bool:
    """Says whether what a vector holds is accepted."""
    given_ = {name: base64.b64decode(vector[name]) for name in ("root", "leafHash", "root1", "root2") if name in vector}
    proof = [base64.b64decode(each) for each in vector["proof"] or ()]
    if kind == "inclusion":
        return accepts(merkle.check_inclusion, given_["leafHash"], vector["leafIdx"], vector["treeSize"], proof, given_["root"])
    if kind == "consistency":
        return accepts(merkle.check_consistency, vector["size1"], given_["root1"], vector["size2"], given_["root2"], proof)
    start, end = vector["start"], vector["end"]
    if kind == "subtreeinclusion":
        return accepts(merkle.check_subtree_inclusion, given_["leafHash"], vector["leafIdx"], start, end, proof, given_["root"])
    return accepts(merkle.check_subtree_consistency, start, end, given_["root1"], vector["size"], given_["root2"], proof)


@pytest.mark.skipif(not VECTORS.exists(), reason=f"the published vectors are absent: {VECTORS}")
@pytest.mark.parametrize(
    ("kind", "count"), [("inclusion", 98), ("consistency", 98), ("subtreeinclusion", 204), ("subtreeconsistency", 118)]
)
def test_the_published_vectors_are_judged_as_they_say(kind: str, count: int) -> None:
    """Every published vector is accepted or refused as it says, but for those listed with their reason."""
    files = sorted((VECTORS / kind).rglob("*.json"))
    read = {file.relative_to(VECTORS).as_posix(): json.loads(file.read_bytes()) for file in files}
    wrong = {name for name, vector in read.items() if judged(kind, vector) == vector["wantErr"]}
    assert len(files) == count
    assert wrong == {name for name in DEVIATIONS if name.startswith(f"{kind}/")}


def test_the_roots_of_the_known_leaves_are_the_known_ones() -> None:
    """The trees over the eight leaves that every implementation uses have the roots that every implementation gives."""
    leaves = [leaf_hash(leaf) for leaf in LEAVES]
    assert [root_of_leaves(leaves[:size]).hex() for size in range(1, 9)] == list(ROOTS)
    assert root_of_leaves([]) == EMPTY_ROOT == hashlib.sha256(b"").digest()


def test_the_proofs_of_the_standard_are_given() -> None:
    """The example of RFC 6962, section 2.1.3: the proofs in a tree of seven leaves are those of its figure."""
    leaves = [leaf_hash(str(number).encode()) for number in range(7)]
    node = tree(leaves)
    a, b, c, d, e, f, j = leaves
    g, h, i = node_hash(a, b), node_hash(c, d), node_hash(e, f)
    k, l_ = node_hash(g, h), node_hash(i, j)
    assert merkle.inclusion_proof(node, 0, 7) == (b, h, l_)
    assert merkle.inclusion_proof(node, 3, 7) == (c, g, l_)
    assert merkle.inclusion_proof(node, 4, 7) == (f, j, k)
    assert merkle.inclusion_proof(node, 6, 7) == (i, k)
    assert merkle.consistency_proof(node, 3, 7) == (c, d, g, l_)
    assert merkle.consistency_proof(node, 4, 7) == (l_,)
    assert merkle.consistency_proof(node, 6, 7) == (i, j, k)


def test_every_leaf_is_proved_in_every_tree() -> None:
    """In trees of up to 130 leaves every leaf's proof is accepted, at no other index, and not for another leaf."""
    leaves = many_leaves()
    node = tree(leaves)
    for size in range(1, SIZES_MAX + 1):
        root = range_root(node, 0, size)
        assert root == whole_root(tuple(leaves[:size]))
        for index in range(size):
            proof = merkle.inclusion_proof(node, index, size)
            merkle.check_inclusion(leaves[index], index, size, proof, root)
            assert not accepts(merkle.check_inclusion, leaves[index], index ^ 1, size, proof, root)
            assert not accepts(merkle.check_inclusion, leaves[index - 1], index, size, proof, root) or size == 1


def test_every_tree_begins_with_every_earlier_one() -> None:
    """Between all sizes up to 130 the proof that a tree has only grown is accepted, and no shorter, longer or altered one."""
    leaves = many_leaves()
    node = tree(leaves)
    roots = [range_root(node, 0, size) for size in range(SIZES_MAX + 1)]
    for later in range(1, SIZES_MAX + 1):
        for size in range(1, later + 1):
            proof = merkle.consistency_proof(node, size, later)
            merkle.check_consistency(size, roots[size], later, roots[later], proof)
            assert not accepts(merkle.check_consistency, size, roots[size - 1], later, roots[later], proof)
            assert not accepts(merkle.check_consistency, size, roots[size], later, roots[later], (*proof, roots[1]))
            assert not proof or not accepts(merkle.check_consistency, size, roots[size], later, roots[later], proof[:-1])


def test_every_subtree_is_proved() -> None:
    """In trees of up to 40 leaves every subtree is proved to be in the tree, and every leaf in its subtrees."""
    leaves = many_leaves()
    node = tree(leaves)
    for size in range(1, 41):
        root = range_root(node, 0, size)
        for start in range(size):
            for end in (end for end in range(start + 1, size + 1) if merkle.is_subtree(start, end)):
                part = range_root(node, start, end)
                proof = merkle.subtree_consistency_proof(node, start, end, size)
                merkle.check_subtree_consistency(start, end, part, size, root, proof)
                inner = merkle.inclusion_proof(tree(leaves[start:end]), 0, end - start)
                merkle.check_subtree_inclusion(leaves[start], start, start, end, inner, part)


@given(st.data())
def test_any_flipped_bit_is_refused(data: st.DataObject) -> None:
    """Given a proof that a leaf is in a tree or that a tree has grown, when any one bit of it is flipped, then it is refused."""
    later = data.draw(st.integers(2, SIZES_MAX))
    size = data.draw(st.integers(1, later))
    node = tree(many_leaves())
    roots = [range_root(node, 0, each) for each in (size, later)]
    inclusion = [many_leaves()[size - 1], roots[1], *merkle.inclusion_proof(node, size - 1, later)]
    growth = [*roots, *merkle.consistency_proof(node, size, later)]
    for parts, check in (
        (inclusion, lambda leaf, root, *proof: merkle.check_inclusion(leaf, size - 1, later, proof, root)),
        (growth, lambda root, later_root, *proof: merkle.check_consistency(size, root, later, later_root, proof)),
    ):
        which, bit = data.draw(st.integers(0, len(parts) - 1)), data.draw(st.integers(0, 255))
        altered = list(parts)
        altered[which] = (int.from_bytes(parts[which], "big") ^ (1 << bit)).to_bytes(32, "big")
        assert accepts(check, *parts)
        assert not accepts(check, *altered)


@given(st.lists(hashes, max_size=70), st.lists(hashes, max_size=70))
def test_an_edge_grows_as_the_tree_does(first: list[bytes], second: list[bytes]) -> None:
    """Leaves added to a tree's right edge, in however many parts, give the root and the size of the whole tree."""
    edge = Edge().extend(first).extend(second)
    assert edge.size == len(first) + len(second)
    assert edge.root() == whole_root((*first, *second))
    assert len(edge.hashes) == edge.size.bit_count()


@given(
    st.integers(-1, 2**64),
    st.integers(-1, 2**64),
    st.integers(-1, 2**64),
    st.lists(st.binary(max_size=33), max_size=70),
    st.binary(),
    hashes,
)
def test_nonsense_is_refused_and_ends(start: int, end: int, size: int, proof: list[bytes], root: bytes, leaf: bytes) -> None:
    """Numbers of any size and hashes of any length are refused with a code, without another error and without end."""
    assert not accepts(merkle.check_inclusion, leaf, start, size, proof, root)
    assert not accepts(merkle.check_consistency, start, root, size, leaf, [*proof, b""])
    assert not accepts(merkle.check_subtree_consistency, start, end, root, size, leaf, [*proof, b""])
    with pytest.raises(ProofError, match="out-of-tree"):
        merkle.inclusion_proof(tree([]), max(size, 0), size)
