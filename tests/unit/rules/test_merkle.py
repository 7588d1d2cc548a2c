"""The tree over the log: the published roots, every proof of every small log, and no proof of anything else."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.rules.merkle import (
    EMPTY_ROOT,
    consistency_proof,
    consistent,
    frontier_of,
    grown,
    included,
    inclusion_proof,
    leaf_hash,
    root_of,
    root_of_frontier,
)

# The test vectors that Certificate Transparency's own implementations share.
ENTRIES = ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
ROOTS = {
    0: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    4: "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}
LEAVES = [leaf_hash(bytes.fromhex(one)) for one in ENTRIES]
MANY = [leaf_hash(str(one).encode()) for one in range(40)]


@pytest.mark.parametrize(("size", "root"), ROOTS.items())
def test_roots_are_those_that_everybody_gets(size, root):
    assert root_of(LEAVES[:size]).hex() == root


def test_growing_one_by_one_gives_the_same_root():
    frontier = ()
    for size, leaf in enumerate(MANY):
        frontier = grown(frontier, size, leaf)
        assert frontier == frontier_of(MANY[: size + 1])
        assert root_of_frontier(frontier) == root_of(MANY[: size + 1])
    with pytest.raises(ValueError):
        grown(frontier, len(MANY) - 1, MANY[0])


def test_every_entry_of_every_small_log_is_shown_to_be_in_it_and_in_no_other_place():
    for size in range(1, 20):
        leaves, root = MANY[:size], root_of(MANY[:size])
        for index in range(size):
            proof = inclusion_proof(leaves, index)
            places = [
                (at, of) for of in range(1, 22) for at in range(of) if included(leaves[index], at, of, proof, root)
            ]
            assert (index, size) in places
            assert all(at == index for at, of in places if of == size)
            assert not included(MANY[30], index, size, proof, root)


def test_every_small_log_is_shown_to_begin_with_every_smaller_one():
    for size in range(20):
        for earlier in range(size + 1):
            proof = consistency_proof(MANY[:size], earlier)
            old, new = root_of(MANY[:earlier]), root_of(MANY[:size])
            assert consistent(earlier, old, size, new, proof)
            other = hashlib.sha256(old).digest()
            assert not consistent(earlier, other, size, new, proof)
            assert earlier == 0 or not consistent(earlier, old, size, other, proof)


@given(st.integers(2, 30), st.data())
def test_a_proof_with_anything_changed_proves_nothing(size, data):
    index = data.draw(st.integers(0, size - 1))
    proof = list(inclusion_proof(MANY[:size], index))
    at = data.draw(st.integers(0, len(proof) - 1))
    how = data.draw(st.sampled_from(["flip", "drop", "double"]))
    if how == "flip":
        proof[at] = bytes([proof[at][0] ^ 1]) + proof[at][1:]
    elif how == "drop":
        del proof[at]
    else:
        proof.insert(at, proof[at])
    assert not included(MANY[index], index, size, proof, root_of(MANY[:size]))


def test_a_log_that_forgot_an_entry_is_never_consistent():
    for size in range(2, 20):
        for gone in range(size - 1):
            forged = MANY[:gone] + MANY[gone + 1 : size + 1]
            proof = consistency_proof(forged, size - 1)
            assert not consistent(size - 1, root_of(MANY[: size - 1]), size, root_of(forged), proof)


def test_an_empty_log_has_a_root_and_no_entries():
    assert root_of([]) == EMPTY_ROOT
    with pytest.raises(ValueError):
        inclusion_proof([], 0)
