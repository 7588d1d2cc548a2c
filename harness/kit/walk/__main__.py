"""`python -m harness.kit.walk …`: pytest with the options of an ordinary UAT job, and a person who goes along."""

import sys

import pytest

if __name__ == "__main__":
    sys.exit(pytest.main(["-p", "harness.kit.walk.session", *sys.argv[1:]]))
