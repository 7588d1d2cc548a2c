"""The report tool, Allure 3: installed from our own lock into the user's cache, run on the Node inside Playwright.

No Java, no network after the first time, and what it draws calls nobody.
"""

from harness.adapters.allure_tool.generating import generate
from harness.adapters.allure_tool.installing import AllureTool, allure_remedy, ensure_allure, find_allure, find_node
from harness.adapters.allure_tool.remembering import Memory

__all__ = ["AllureTool", "Memory", "allure_remedy", "ensure_allure", "find_allure", "find_node", "generate"]
