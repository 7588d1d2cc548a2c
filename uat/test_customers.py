"""Customer records, as the CRM keeps them in the hub."""

from harness.kit.uat import Api, Made, check, expect, step


def test_two_changes_at_once_do_not_overwrite(api: Api, made: Made) -> None:
    with step("Two clerks open the same customer", zh="两位员工打开同一客户"):
        name = made.name("Two Clerks")
        created = api.post("/customers", data={"name": name, "email": "both@uat.example"})
        expect(created).to_be_ok()
        path, version = f"/customers/{created.json()['id']}", created.headers["etag"]
    with step("The first saves a new e-mail address", zh="第一位保存新的邮箱"):
        first = api.put(path, data={"name": name, "email": "first@uat.example"}, headers={"If-Match": version})
        expect(first).to_be_ok()
    with step("The second is told that somebody was faster", zh="第二位被告知他人已先修改"):
        second = api.put(path, data={"name": name, "email": "second@uat.example"}, headers={"If-Match": version})
        check(second.status == 412, f"the second change is refused with 412, found {second.status}")
    with step("The first change is still there", zh="第一次修改仍然有效"):
        found = api.get(path).json()["email"]
        check(found == "first@uat.example", f"the address is first@uat.example, found {found}")


def test_search_finds_a_name_in_any_case(api: Api, made: Made) -> None:
    with step("A customer is taken over from the CRM", zh="从 CRM 接收一位客户"):
        name = made.name("Lantern House")
        expect(api.post("/customers", data={"name": name, "email": "lantern@uat.example"})).to_be_ok()
    for written in (name, name.upper(), name.lower()):
        with step(f"Search for {written}", zh=f"搜索 {written}"):
            answer = api.get("/customers", params={"q": written})
            expect(answer).to_be_ok()
            names = [customer["name"] for customer in answer.json()["items"]]
            check(name in names, f"searching for {written!r} finds {name!r}, found {names}")
