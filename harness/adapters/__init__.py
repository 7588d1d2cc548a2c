"""The only door out: everything that touches the machine, the network or the clock."""
