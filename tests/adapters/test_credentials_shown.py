"""How a person signs in with curl: the variable that the workspace names, never a value."""

import pytest

from harness.adapters.credentials import shown_for
from harness.model.tier import ApiKey, Basic, Bearer, SecretRef, System

ENV = SecretRef(kind="env", at="MY_SECRET")


@pytest.mark.parametrize(
    ("auth", "shown"),
    [
        (Bearer(token=ENV), {"authorization": '-H "Authorization: Bearer $MY_SECRET"'}),
        (Basic(user="admin", password=ENV), {"authorization": '-u "admin:$MY_SECRET"'}),
        (ApiKey(header="X-Key", value=ENV), {"x-key": '-H "X-Key: $MY_SECRET"'}),
        (Bearer(token=SecretRef(kind="file", at="s/t")), {"authorization": '-H "Authorization: Bearer $(cat s/t)"'}),
        (None, {}),
    ],
)
def test_each_way_to_sign_in_names_its_reference(auth, shown):
    assert shown_for(System(name="s", base_url="http://h", auth=auth)) == shown
