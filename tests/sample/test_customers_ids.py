"""Numbers of the sample are never words: a page in Chinese may show them."""

from harness.sample.customers import new_id


def test_every_number_has_a_digit_and_none_comes_twice():
    made = [new_id("ord") for _ in range(500)]
    assert len(set(made)) == 500
    assert all(any(letter.isdigit() for letter in one) and len(one) == 16 for one in made)
