def test_things_are_listed(page):
    page.goto("/")
