"""The workspaces here are what scenarios stand in, not tests of ours."""

collect_ignore = ["workspaces"]
