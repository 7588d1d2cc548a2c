"""A tier is settled from its layers, or refused with every problem in its own file and line."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.errors import HarnessError
from harness.formats.tier_toml import read_tier
from harness.model.auth import Algorithm, Login, MintedToken
from harness.model.tier import ApiKey, Basic, Bearer, ClientCredentials, Mocks, Probe, SecretRef, Start, Suite

DEFAULTS, OWN = "environments/defaults.toml", "environments/test.toml"
LEAST = """\
[systems.hub]
base-url = "https://hub.example/"
[policy]
suites = ["contract"]
"""


def settled(own: str = LEAST, defaults: str = "", environment: dict | None = None, flags: dict | None = None):
    layers = ((DEFAULTS, defaults.encode()), (OWN, own.encode()))
    return read_tier("test", layers, environment or {}, flags)


def refused(own: str, defaults: str = "", environment: dict | None = None) -> list[tuple[str, int | None, str]]:
    with pytest.raises(HarnessError) as error:
        settled(own, defaults, environment)
    return [(problem.place.file, problem.place.line, problem.message) for problem in error.value.problems]


def test_the_least_tier_allows_little():
    tier = settled()
    assert [system.base_url for system in tier.systems] == ["https://hub.example"]
    assert tier.policy.suites == (Suite.CONTRACT,)
    assert tier.policy.mocks is Mocks.FORBIDDEN
    assert tier.policy.hosts == ("{systems}", "{dependencies}")
    assert tier.policy.methods == ()
    assert (tier.policy.rate_per_s, tier.policy.concurrency, tier.policy.confirm) == (None, None, False)
    assert tier.policy.statuses == ("success", "401")
    assert (tier.order, tier.purpose, tier.name) == (1, "", "test")


WHOLE = """\
order = 2
purpose = "acceptance"
release = { version-from = "GET /version", field = "build.version" }
[systems.hub]
base-url = "http://127.0.0.1:{port}"
contract = "../contracts/hub.yaml"
health = "GET /health"
auth = { kind = "bearer", token = { env = "TOKEN" } }
[systems.hub.start]
command = ["python", "-m", "hub", "--port", "{port}"]
env = { ERP = "{dependencies.erp.url}", KEY = { file = "key", default = "" } }
ready = "5 s"
[dependencies.erp]
contract = "./../contracts/erp.yaml"
mock = "../mocks/erp"
[policy]
suites = ["contract", "load", "uat"]
mocks = "declared"
hosts = "{systems}"
methods = ["get", "HEAD"]
rate = "120 /min"
concurrency = 4
confirm = true
contract-examples = 5
contract-deadline = "2 min"
[coverage]
statuses = ["success", "4XX", "createOrder@409"]
"""


def test_a_whole_tier_is_read():
    tier = settled(WHOLE)
    hub, erp, policy = tier.systems[0], tier.dependencies[0], tier.policy
    assert hub.contract == "contracts/hub.yaml"
    assert hub.health == Probe(method="GET", path="/health", field=None)
    assert hub.version == Probe(method="GET", path="/version", field="build.version")
    assert hub.auth == Bearer(token=SecretRef(kind="env", at="TOKEN"))
    assert hub.start == Start(
        command=("python", "-m", "hub", "--port", "{port}"),
        env=(("ERP", "{dependencies.erp.url}"), ("KEY", SecretRef(kind="file", at="key", default=""))),
        ready_s=5.0,
    )
    assert (erp.contract, erp.mock, erp.real) == ("contracts/erp.yaml", "mocks/erp", None)
    assert (policy.suites, policy.mocks) == ((Suite.CONTRACT, Suite.LOAD, Suite.UAT), Mocks.DECLARED)
    assert (policy.hosts, policy.methods) == (("{systems}",), ("GET", "HEAD"))
    assert (policy.rate_per_s, policy.concurrency, policy.confirm) == (2.0, 4, True)
    assert (policy.max_examples, policy.contract_deadline_s) == (5, 120.0)
    assert policy.statuses == ("success", "4XX", "createOrder@409")


@pytest.mark.parametrize(
    ("written", "auth"),
    [
        (
            'kind = "basic"\nuser = "u"\npassword = { env = "P" }',
            Basic(user="u", password=SecretRef(kind="env", at="P")),
        ),
        (
            'kind = "api-key"\nheader = "X-Key"\nvalue = { command = ["pass", "show", "k"] }',
            ApiKey(header="X-Key", value=SecretRef(kind="command", at="pass show k", argv=("pass", "show", "k"))),
        ),
        (
            'kind = "oauth2-client-credentials"\ntoken-url = "/t"\nclient-id = "c"\nclient-secret = { env = "S" }',
            ClientCredentials(token_url="/t", client_id="c", client_secret=SecretRef(kind="env", at="S")),
        ),
        (
            'kind = "jwt"\nkey = { env = "K" }\nalgorithm = "ES256"\nfor = "5 min"\nclaims = { aud = ["a", "b"] }',
            MintedToken(
                key=SecretRef(kind="env", at="K"),
                algorithm=Algorithm.ES256,
                claims=(("aud", ("a", "b")),),
                lives_s=300.0,
            ),
        ),
        (
            'kind = "login"\nrequest = "POST /in"\nfields = { who = "t", word = { env = "P" } }\ncookie = "sid"',
            Login(
                method="POST",
                url="/in",
                fields=(("who", "t"), ("word", SecretRef(kind="env", at="P"))),
                cookie="sid",
            ),
        ),
    ],
)
def test_each_kind_of_auth_is_read(written, auth):
    assert settled(f"{LEAST}[systems.hub.auth]\n{written}\n").systems[0].auth == auth


@pytest.mark.parametrize(
    ("change", "line", "message"),
    [
        (('"https://hub.example/"', "3"), 2, "`base-url` must be a text, not 3"),
        (("base-url", "base-ulr"), 2, "unknown key `base-ulr` in `systems.hub`"),
        (("base-url", "base-ulr"), 1, "`base-url` is missing in `systems.hub`: a text is needed"),
        (('"https://hub.example/"', '"hub.example"'), 2, "`base-url` must be an http or https address"),
        (('"https://hub.example/"', '"http://:80"'), 2, "`base-url` must be an http or https address"),
        (('"https://hub.example/"', '"http://hub:99999"'), 2, "`base-url` must be an http or https address"),
        (('"https://hub.example/"', '"http://[::1"'), 2, "`base-url` must be an http or https address"),
        (('"https://hub.example/"', '"http://hub/a b"'), 2, "`base-url` must be an http or https address"),
        (('"https://hub.example/"', '"http://me:secret@hub/"'), 2, "`base-url` holds a user or password"),
        (('"https://hub.example/"', '"http://hub/?a=b"'), 2, "`base-url` must end with its path"),
        (('"https://hub.example/"', '"http://{host}"'), 2, "`base-url` holds {host}"),
        (('"https://hub.example/"', '"http://hub:{port}"'), 2, "`{port}` needs a [start] table"),
        (('["contract"]', '["contact"]'), 4, "`contact` is not one of contract, load, uat"),
        (('["contract"]', '["mock"]'), 4, "`mock` is not one of contract, load, uat"),
        (('suites = ["contract"]', 'mocks = "allowed"'), 3, "`suites` is missing in `policy`"),
        (('["contract"]', '["contract"]\nmocks = "sometimes"'), 5, "`sometimes` is not one of allowed"),
        (('["contract"]', '["contract"]\nrate = "200"'), 5, '"200" has no unit'),
        (('["contract"]', '["contract"]\nrate = "0 /s"'), 5, "`rate` must be more than nothing"),
        (('["contract"]', '["contract"]\nconcurrency = -1'), 5, "`concurrency` must be 1 or more"),
        (('["contract"]', '["contract"]\nconfirm = "yes"'), 5, "`confirm` must be true or false"),
        (('["contract"]', '["contract"]\ncontract-examples = 0'), 5, "at least one example per operation"),
        (('["contract"]', '["contract"]\ncontract-deadline = "0 s"'), 5, "`contract-deadline` must be more"),
        (('["contract"]', '["contract"]\n[coverage]\nstatuses = ["sucess"]'), 6, "`sucess` is no status"),
        (("[policy]", 'health = "POST /x"\n[policy]'), 3, "`health` must be a request that reads, not 'POST /x'"),
        (("[policy]", 'contract = "../../x"\n[policy]'), 3, "`../../x` leads out of the workspace"),
        (("[policy]", 'contract = "/etc/x"\n[policy]'), 3, "`/etc/x` must be a path inside the workspace"),
        (("[policy]", 'auth = { kind = "magic" }\n[policy]'), 3, "unknown kind of auth `magic`"),
        (("[policy]", 'auth = { kind = "bearer", token = "t0p" }\n[policy]'), 3, "`token` holds a secret itself"),
        (("[policy]", 'auth = { kind = "bearer" }\n[policy]'), 3, "`token` is missing in `systems.hub.auth`"),
        (("[policy]", 'auth = { kind = "bearer", token = {} }\n[policy]'), 3, "`token` must refer to exactly one of"),
        (("[policy]", "[systems.hub.start]\ncommand = []\n[policy]"), 4, "`command` names no program"),
        (("[policy]", "[systems.hub.start]\nready = 5\n[policy]"), 4, "a span of time is written in quotes"),
        (("[policy]", "[dependencies.erp]\n[policy]"), 3, "`erp` is answered by nobody"),
        (
            ("[policy]", '[dependencies.erp]\nmock = "../mocks/erp"\nreal = "http://erp"\n[policy]'),
            3,
            "`erp` is answered by `mock` and `real`",
        ),
        (("[policy]", 'release = { version-from = "/v" }\n[policy]'), 3, "unknown key `release` in `systems.hub`"),
        (('[systems.hub]\nbase-url = "https://hub.example/"', ""), 1, "no system is named"),
        (("[policy]", "[polcy]"), 3, "unknown key `polcy`"),
        (("[systems.hub]", "order = 2026-01-02\n[systems.hub]"), 1, "`order` must be a whole number"),
    ],
)
def test_each_kind_of_problem_names_its_file_and_line(change, line, message):
    written = LEAST.replace(*change)
    assert written != LEAST
    told = refused(written)
    assert [(file, at) for file, at, said in told if said.startswith(message)] == [(OWN, line)], told


SECRET_FIELDS = ("password", "Password", "user_password", "password1", "pwd", "pass", "pin", "client_secret", "apiKey")


@pytest.mark.parametrize("value", ['"t0p-s3cr3t"', "7031", '["t0p-s3cr3t"]'])
@pytest.mark.parametrize("field", SECRET_FIELDS)
def test_a_log_in_takes_no_password_that_the_file_itself_holds_and_does_not_repeat_it(field, value):
    login = (
        f'auth = {{ kind = "login", request = "POST /in", cookie = "sid", fields = {{ u = "t", {field} = {value} }} }}'
    )
    told = refused(LEAST.replace("[policy]", f"{login}\n[policy]"))
    assert told == [(OWN, 3, f"`{field}` holds a secret itself; a secret is always a reference")]


def test_a_problem_of_a_value_from_the_defaults_points_into_the_defaults():
    defaults = 'order = "first"\n[systems.hub]\nauth = { kind = "magic" }\n[policy]\nrate = "9"\n'
    told = refused(LEAST.replace("[policy]", "[systems.hub.more]\n[policy]"), defaults)
    assert [(file, line) for file, line, _ in told] == [(DEFAULTS, 1), (DEFAULTS, 3), (DEFAULTS, 5), (OWN, 3)]


@pytest.mark.parametrize(
    "line",
    [
        'auth = { kind = "bearer", token = "t0p-s3cr3t" }',
        'auth = { kind = "magic", token = "t0p-s3cr3t" }',
        'auht = { kind = "bearer", token = "t0p-s3cr3t" }\nauth = { kind = 3, token = "t0p-s3cr3t" }',
        'auth = { kind = "bearer", tokne = "t0p-s3cr3t" }',
        'auht = { knid = "bearer", tokne = "t0p-s3cr3t" }',
        'passwrd = "t0p-s3cr3t"',
        'client-secrt = "t0p-s3cr3t"',
        'creds = { pasword = "t0p-s3cr3t" }',
        'auth.kind = "basic"\nauth.user = "u"\nauth.password = "t0p-s3cr3t"',
    ],
)
def test_no_line_that_holds_a_secret_is_shown_in_an_error(line):
    written = LEAST.replace("[policy]", f"{line}\n[policy]").replace("https://", "https://me:t0p-s3cr3t@")
    with pytest.raises(HarnessError) as refusal:
        settled(written)
    shown = [(problem.message, problem.hint, problem.place.text) for problem in refusal.value.problems]
    assert [one for one in shown if "t0p-s3cr3t" in str(one)] == []
    assert all(problem.place.line for problem in refusal.value.problems)


def test_both_files_that_are_no_toml_are_told_at_once():
    assert [(file, line) for file, line, _ in refused("a = \n", "\nb = \n")] == [(DEFAULTS, 2), (OWN, 1)]


def test_every_problem_of_a_file_is_told_at_once():
    told = refused('order = "x"\n[systems.hub]\nbase-url = 3\nhelth = 1\n[policy]\nsuites = 1\nrate = "x"\n')
    assert [line for _, line, _ in told] == [1, 3, 4, 6, 7]


# --- precedence -------------------------------------------------------------------------------------------------------

CHOICES: dict[str, tuple[str, str, list[tuple[str, str, object]]]] = {
    # key: (TOML around it, how the tier says it, [(as TOML, as text, as value)])
    "order": ("{}", "order", [(str(n), str(n), n) for n in (1, 2, 3, 4)]),
    "policy.contract-examples": ("[policy]\n{}", "max_examples", [(str(n), str(n), n) for n in (30, 7, 8, 9)]),
    "policy.rate": ("[policy]\n{}", "rate_per_s", [(f'"{n} /s"', f"{n} /s", float(n)) for n in (5, 6, 7, 8)]),
    "policy.concurrency": ("[policy]\n{}", "concurrency", [(str(n), str(n), n) for n in (5, 6, 7, 8)]),
    "policy.confirm": ("[policy]\n{}", "confirm", [("true", "true", True), ("false", "no", False)]),
    "policy.mocks": ("[policy]\n{}", "mocks", [(f'"{m}"', m, m) for m in ("allowed", "declared", "forbidden")]),
    "policy.methods": ("[policy]\n{}", "methods", [('["GET"]', "GET", ("GET",)), ('["A", "B"]', "a, b", ("A", "B"))]),
    "coverage.statuses": (
        "[coverage]\n{}",
        "statuses",
        [('["404"]', "404", ("404",)), ('["success", "409"]', "success,409", ("success", "409"))],
    ),
}
BUILT_IN = {
    "order": 1,
    "policy.contract-examples": 30,
    "policy.rate": None,
    "policy.concurrency": None,
    "policy.confirm": False,
    "policy.mocks": "forbidden",
    "policy.methods": (),
    "coverage.statuses": ("success", "401"),
}


@given(data=st.data(), key=st.sampled_from(sorted(CHOICES)))
@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_strongest_layer_that_says_something_wins_and_is_named(data, key):
    around, name, values = CHOICES[key]
    layers = {
        source: data.draw(st.none() | st.sampled_from(values), label=source)
        for source in ("defaults", "own", "environment", "flag")
    }
    variable = "HARNESS_" + key.upper().replace(".", "_").replace("-", "_")
    own, defaults = (_toml(around, key, layers[source]) for source in ("own", "defaults"))
    tier = settled(
        _merged_with_least(own),
        defaults,
        {variable: layers["environment"][1]} if layers["environment"] else {},
        {key: layers["flag"][1]} if layers["flag"] else {},
    )
    sources = {"defaults": DEFAULTS, "own": OWN, "environment": f"${variable}", "flag": f"--{key}"}
    strongest = next((source for source in reversed(layers) if layers[source]), None)
    wanted = layers[strongest][2] if strongest else BUILT_IN[key]
    assert getattr(tier if key == "order" else tier.policy, name) == wanted
    named = {setting.key: setting.source for setting in tier.settings}
    assert named.get(key, "built-in") == (sources[strongest] if strongest else "built-in")


def test_a_variable_of_the_wrong_kind_is_named_itself():
    assert refused(LEAST, "", {"HARNESS_POLICY_CONFIRM": "flase"}) == [
        ("$HARNESS_POLICY_CONFIRM", None, "`confirm` must be true or false, not 'flase'")
    ]
    ((file, line, _),) = refused(LEAST, "", {"HARNESS_POLICY_RATE": "fast"})
    assert (file, line) == ("$HARNESS_POLICY_RATE", None)


def test_a_variable_for_a_policy_that_does_not_exist_is_refused():
    """Somebody meant to protect a system with it."""
    assert refused(LEAST, "", {"HARNESS_POLICY_RTE": "1 /s"}) == [
        ("$HARNESS_POLICY_RTE", None, "$HARNESS_POLICY_RTE sets nothing")
    ]


def test_variables_that_mean_something_else_are_left_alone():
    assert settled(environment={"HARNESS_LANG": "zh", "HARNESS_RUN": "x", "HARNESS_BROWSER": "y"}) == settled()


def test_a_variable_overrides_what_a_file_names_of_a_system():
    tier = settled(environment={"HARNESS_SYSTEMS_HUB_BASE_URL": "http://127.0.0.1:8080"})
    assert tier.systems[0].base_url == "http://127.0.0.1:8080"


def test_a_secret_reference_is_replaced_whole():
    defaults = '[systems.hub.auth]\nkind = "bearer"\ntoken = { env = "A", default = "known" }\n'
    own = LEAST.replace("[policy]", '[systems.hub.auth]\ntoken = { file = "b" }\n[policy]')
    assert settled(own, defaults).systems[0].auth == Bearer(token=SecretRef(kind="file", at="b"))


def test_auth_of_another_kind_is_replaced_whole():
    defaults = '[systems.hub.auth]\nkind = "bearer"\ntoken = { env = "A" }\n'
    auth = 'auth = { kind = "api-key", header = "K", value = { env = "B" } }'
    own = LEAST.replace("[policy]", f"{auth}\n[policy]")
    assert settled(own, defaults).systems[0].auth == ApiKey(header="K", value=SecretRef(kind="env", at="B"))


def test_a_real_dependency_takes_the_place_of_the_mock_in_the_defaults():
    defaults = '[dependencies.erp]\nmock = "../mocks/erp"\ncontract = "../contracts/erp.yaml"\n'
    tier = settled(LEAST + '[dependencies.erp]\nreal = "https://erp.example"\n', defaults)
    (erp,) = tier.dependencies
    assert (erp.mock, erp.real, erp.contract) == (None, "https://erp.example", "contracts/erp.yaml")
    assert "dependencies.erp.mock" not in {setting.key for setting in tier.settings}


@pytest.mark.parametrize(
    ("own", "defaults"),
    [
        ("policy = 3\n" + LEAST.split("[policy]")[0], "[policy]\nmocks = 'allowed'\n"),
        (LEAST, "policy = 3\nsystems = 'x'\n"),
        (LEAST + '[systems."a.b"]\nbase-url = "http://b"\n', '[systems."a.b"]\nhealth = "GET /h"\n'),
        ("systems = [1]\n[policy]\nsuites = []", "[systems.hub]\nbase-url = 'http://x'\n"),
    ],
)
def test_layers_of_different_kinds_are_a_sentence_or_a_tier_and_no_crash(own, defaults):
    try:
        tier = settled(own, defaults)
    except HarnessError as error:
        assert all(problem.place.file in {OWN, DEFAULTS} for problem in error.problems)
    else:
        assert all(setting.source for setting in tier.settings)


def test_the_digest_changes_with_the_meaning_and_not_with_the_words():
    same = LEAST.replace('"https://hub.example/"', "'https://hub.example/' # the hub")
    assert settled().sha256 == settled(same).sha256 == settled("", LEAST).sha256
    others = [settled(LEAST + 'rate = "9 /s"\n'), settled(environment={"HARNESS_POLICY_CONFIRM": "true"})]
    assert len({settled().sha256, *(other.sha256 for other in others)}) == 3


def test_no_file_at_all_is_said():
    with pytest.raises(HarnessError, match="no file for this tier"):
        read_tier("test", (), {})


def _toml(around: str, key: str, choice: tuple[str, str, object] | None) -> str:
    return around.format(f"{key.rpartition('.')[2]} = {choice[0]}\n") if choice else ""


def _merged_with_least(own: str) -> str:
    if own.startswith("[policy]"):
        return LEAST + own.removeprefix("[policy]\n")
    return own + LEAST if own.startswith("order") else LEAST + own


def test_a_line_that_is_no_toml_and_may_hold_a_secret_is_not_shown():
    for line in ('auth = { kind = "bearer", token = "t0p-s3cr3t', 'passwrd = "t0p-s3cr3t'):
        with pytest.raises(HarnessError) as refusal:
            settled(f"{line}\n")
        assert "t0p-s3cr3t" not in str([(one.message, one.hint, one.place) for one in refusal.value.problems])


def test_a_line_that_holds_no_secret_is_still_shown():
    with pytest.raises(HarnessError) as refusal:
        settled(LEAST.replace("[policy]", 'helth = "GET /health"\n[policy]'))
    assert [one.place.text for one in refusal.value.problems] == ['helth = "GET /health"']


SCRIPTS = """
[scripts.env]
CRM_SECRET = { env = "CRM_SECRET" }
CRM_URL = "{dependencies.erp.url}/crm"
DESK = "north"
"""


def test_what_a_tier_grants_to_scripts_is_read():
    assert settled(WHOLE + SCRIPTS).scripts == (
        ("CRM_SECRET", SecretRef(kind="env", at="CRM_SECRET")),
        ("CRM_URL", "{dependencies.erp.url}/crm"),
        ("DESK", "north"),
    )
    assert settled().scripts == ()


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('PYTHONPATH = "x"', "`PYTHONPATH` steers the engines and can't be granted to scripts"),
        ('HARNESS_RUN = "x"', "`HARNESS_RUN` steers the engines and can't be granted to scripts"),
        ('LD_PRELOAD = "x"', "`LD_PRELOAD` steers the engines and can't be granted to scripts"),
        ('"A B" = "x"', "`A B` is no name of a variable"),
        ('CRM = "{dependencies.crm.url}"', "`CRM` names an unknown place {dependencies.crm.url}"),
        ('CRM = "{services.db.url}"', "`CRM` names an unknown place {services.db.url}"),
        ("CRM = 3", "`CRM` holds a secret itself; a secret is always a reference"),
    ],
)
def test_what_cannot_be_granted_to_scripts_is_told(line, message):
    assert [told for _, _, told in refused(f"{LEAST}\n[scripts.env]\n{line}\n")][:1] == [message]
