"""For one release and one tier: may this go on, and why?"""

__version__ = "0.1.0"
