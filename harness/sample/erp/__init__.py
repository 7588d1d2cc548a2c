"""A tiny real ERP, for the tiers in which mocks are not allowed: same contract, kept in memory."""
