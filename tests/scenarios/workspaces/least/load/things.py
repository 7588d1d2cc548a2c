from harness.kit.load import ApiUser


class Reader(ApiUser):
    """Reads things."""
