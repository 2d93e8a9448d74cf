"""settings.toml, environment and secret files: what is read, and what a wrong file says."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, time
from decimal import Decimal
from pathlib import Path

import pytest

from connectors.whatsapp.settings import SenderSettings
from integration.domain.errors import SettingsError
from integration.settings.errors import line_of
from integration.settings.settings import Settings, load

GOOD = """\
language = "de"
public_url = "https://bote.example.de"

[companies.laden]
name = "Musterladen GmbH"

[senders.nummer]
phone_number_id = "106540352242922"
token = "token-from-toml"
app_secret = "app-secret-from-toml"
verify_token = "verify-token-from-toml"

[shops.laden]
platform = "woocommerce"
name = "Musterladen"
url = "https://www.example.de"
webhook_secret = "webhook-secret-from-toml"

[shops.tee]
platform = "shopify"
name = "Teeladen"
domain = "tee.myshopify.com"
webhook_secret = "tee-secret-from-toml"
"""
SECRETS = ("token-from-toml", "app-secret-from-toml", "verify-token-from-toml", "webhook-secret-from-toml")
SECOND = '\n[companies.andere]\nname = "Andere GmbH"\n'
#: words of the validation library that say nothing to a shop owner
JARGON = re.compile(r"discriminator|\btag\b|pattern|tuple|literal|Input should|valid dictionary", re.IGNORECASE)

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Write a settings file, with secret files beside it and variables around it."""

    def written(text: str = GOOD, secrets: dict[str, str] | None = None, **environment: str) -> Path:
        file = tmp_path / "settings.toml"
        file.write_text(text, encoding="utf-8")
        for name, value in (secrets or {}).items():
            (tmp_path / "secrets").mkdir(exist_ok=True)
            (tmp_path / "secrets" / name).write_text(value, encoding="utf-8")
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        return file

    return written


def complaint(file: Path) -> str:
    """What a wrong file says, without the folder's name."""
    with pytest.raises(SettingsError) as caught:
        load(file)
    return str(caught.value).replace(f"{file.parent}/", "")


def changed(old: str, new: str) -> str:
    """The good file with one difference."""
    assert old in GOOD
    return GOOD.replace(old, new, 1)


def line(text: str, start: str) -> int:
    """The number of the line that begins so."""
    return next(n for n, row in enumerate(text.splitlines(), 1) if row.startswith(start))


# ── Good files ──────────────────────────────────────────────────────────────────────────────────────────────


def test_a_good_file(write: Write) -> None:
    settings = load(write())
    assert settings.public_url == "https://bote.example.de"
    assert settings.shops["tee"].domain == "tee.myshopify.com"
    assert settings.shops["laden"].secrets() == ["webhook-secret-from-toml"]
    assert settings.senders["nummer"].token.get_secret_value() == "token-from-toml"


def test_an_empty_file_has_defaults(write: Write) -> None:
    settings = load(write(""))
    assert (settings.language, settings.country, settings.time_zone) == ("de", "DE", "Europe/Berlin")
    assert settings.database.url == "sqlite:///data/ladenbote.db"
    assert settings.database.keys_url != settings.database.url
    assert not settings.demo and not settings.shops


def test_with_one_company_and_one_number_nothing_more_is_asked(write: Write) -> None:
    settings = load(write())
    assert settings.company_of("shops", "tee") == settings.company_of("senders", "nummer") == "laden"
    assert settings.sender_of("laden") == "nummer"


def test_two_companies_that_are_named(write: Write) -> None:
    text = changed("[senders.nummer]", '[senders.nummer]\ncompany = "laden"')
    text = text.replace("[shops.laden]", '[shops.laden]\ncompany = "laden"')
    text = text.replace("[shops.tee]", '[shops.tee]\ncompany = "laden"')
    assert load(write(text + SECOND)).company_of("shops", "tee") == "laden"


@pytest.mark.parametrize("hours", ['["22:00", "06:30"]', "[22:00:00, 06:30:00]"])
def test_quiet_hours(write: Write, hours: str) -> None:
    text = f"{GOOD}\n[companies.laden.policy]\nquiet_service = {hours}\nquiet_marketing = false\n"
    policy = load(write(text)).companies["laden"].policy.policy()
    assert policy.quiet_service == (time(22), time(6, 30))
    assert policy.quiet_marketing is None


def card(since: str, marketing: str = '"0.1131"', currency: str = "EUR") -> str:
    rules = f'since = {since}\nsource = "Metas Preisliste"\ncurrency = "{currency}"\nanswers_cost = true\n'
    rates = f'marketing = {marketing}\nutility = "0.0456"\nauthentication = "0.0456"\n'
    return f"\n[[prices]]\n{rules}free_answers = 9\n[prices.rates.DE]\n{rates}"


def test_price_cards_of_ones_own_replace_germanys_in_the_order_of_their_days(write: Write) -> None:
    assert [str(found.since) for found in load(write()).price_cards().cards] == ["2025-07-01", "2026-10-01"]
    own = load(write(GOOD + card("2027-01-01") + card("2026-10-01", '"0.12"'))).price_cards()
    assert [(str(found.since), found.rates["DE"]["marketing"]) for found in own.cards] == [  # type: ignore[index]
        ("2026-10-01", Decimal("0.12")), ("2027-01-01", Decimal("0.1131")),
    ]  # fmt: skip
    assert own.card(datetime(2026, 12, 31, 23, 0, tzinfo=UTC)).since.year == 2027, "midnight in Berlin"


@pytest.mark.parametrize(
    ("cards", "words"),
    [
        (card("2026-10-01", "0.1131"), "quotation marks"),
        (card("2026-10-01") + card("2027-01-01", currency="USD"), "same currency"),
        (card("2026-10-01") + card("2026-10-01"), "same day"),
        (card("2026-10-01", currency="Euro"), "currency"),
        (card("2026-10-01", '"-0.10"'), "marketing"),
    ],
)
def test_a_wrong_price_table_is_refused(write: Write, cards: str, words: str) -> None:
    assert words in complaint(write(GOOD + cards))


def test_a_final_slash_is_forgiven(write: Write) -> None:
    settings = load(write(changed("bote.example.de", "bote.example.de/")))
    assert settings.public_url == "https://bote.example.de"


def test_a_file_from_a_windows_editor(write: Write) -> None:
    assert load(write("\ufeff" + GOOD)).language == "de"


def test_a_loopback_number_needs_no_https(write: Write) -> None:
    text = changed("[senders.nummer]", '[senders.nummer]\nbase_url = "http://127.0.0.1:8700/graph"')
    text = f"demo = true\n{text}"
    assert load(write(text)).senders["nummer"].base_url == "http://127.0.0.1:8700/graph"


@pytest.mark.parametrize(
    ("demo", "url"), [("false", "http://127.0.0.1:8700"), ("true", "https://graph.facebook.com/v26.0")]
)
def test_the_simulator_and_real_numbers_never_mix(write: Write, demo: str, url: str) -> None:
    text = f"demo = {demo}\n" + changed("[senders.nummer]", f'[senders.nummer]\nbase_url = "{url}"')
    assert ": senders.nummer.base_url: " in complaint(write(text))


# ── The three places ────────────────────────────────────────────────────────────────────────────────────────


def test_environment_overrides_the_file(write: Write) -> None:
    token = {"LADENBOTE_SENDERS__NUMMER__TOKEN": "other"}
    settings = load(write(LADENBOTE_LANGUAGE="en", LADENBOTE_SERVER__PORT="9000", **token))
    assert (settings.language, settings.server.port) == ("en", 9000)
    assert settings.senders["nummer"].token.get_secret_value() == "other"
    assert settings.senders["nummer"].app_secret.get_secret_value() == "app-secret-from-toml"


def test_a_secret_file_overrides_the_file(write: Write) -> None:
    settings = load(write(secrets={"senders__nummer__token": "token-from-secret-file\n"}))
    assert settings.senders["nummer"].token.get_secret_value() == "token-from-secret-file"


def test_secret_files_alone_are_enough(write: Write) -> None:
    text = re.sub(r"(?m)^(token|app_secret|verify_token|webhook_secret) = .*\n", "", GOOD)
    names = ("senders__nummer__token", "senders__nummer__app_secret", "senders__nummer__verify_token")
    shops = ("shops__laden__webhook_secret", "shops__tee__webhook_secret")
    settings = load(write(text, secrets={name: f"{name}\n" for name in (*names, *shops)}))
    assert settings.senders["nummer"].secrets() == list(names)
    assert settings.shops["tee"].secrets() == ["shops__tee__webhook_secret"]


def test_environment_overrides_a_secret_file(write: Write) -> None:
    file = write(secrets={"senders__nummer__token": "file"}, LADENBOTE_SENDERS__NUMMER__TOKEN="environment")
    assert load(file).senders["nummer"].token.get_secret_value() == "environment"


def test_a_secret_of_a_name_with_a_hyphen(write: Write) -> None:
    text = changed("[senders.nummer]", "[senders.mein-telefon]")
    settings = load(write(text, secrets={"senders__mein-telefon__token": "from-file"}))
    assert settings.senders["mein-telefon"].token.get_secret_value() == "from-file"


def test_the_database_url_from_a_secret_file(write: Write) -> None:
    settings = load(write(secrets={"database__url": "postgresql://ladenbote:geheim@127.0.0.1/ladenbote\n"}))
    assert settings.database.url == "postgresql://ladenbote:geheim@127.0.0.1/ladenbote"


def test_foreign_variables_of_our_name_do_not_disturb(write: Write) -> None:
    assert load(write(LADENBOTE_SETTINGS="elsewhere.toml")).language == "de"


# ── Wrong files ─────────────────────────────────────────────────────────────────────────────────────────────


UNKNOWN, MISSING = "there is no such key; see settings.example.toml", "is missing; add it"
SLUGS = "short names have small letters, digits and hyphens only"
BASE = 'base_url = "http://graph.facebook.com/v26.0"'


@pytest.mark.parametrize(
    ("old", "new", "at", "key", "says"),
    [
        ('language = "de"', 'langauge = "de"', "langauge", "langauge", UNKNOWN),
        ("[companies.laden]", "[server]\nprot = 1\n[companies.laden]", "prot", "server.prot", UNKNOWN),
        ('name = "Teeladen"', 'name = "Teeladen"\nfarbe = "rot"', "farbe", "shops.tee.farbe", UNKNOWN),
        ('name = "Musterladen"', 'name = "Musterladen"\nclient_id = "x"', "client", "shops.laden.client_id", UNKNOWN),
        ("[companies.laden]", '[server]\nport = "abc"\n[companies.laden]', "port", "server.port", "integer"),
        ("[companies.laden]", "[server]\nport = 99999\n[companies.laden]", "port", "server.port", "65535"),
        ('name = "Teeladen"\n', "", "[shops.tee]", "shops.tee.name", MISSING),
        ('token = "token-from-toml"\n', "", "[senders.nummer]", "senders.nummer.token", MISSING),
        ('domain = "tee.myshopify.com"\n', "", "[shops.tee]", "shops.tee.domain", MISSING),
        ("[shops.tee]", "[shops.Tee]", "[shops.Tee]", "shops.Tee", SLUGS),
        ("[shops.tee]", '[shops."tee laden"]', '[shops."tee laden"]', "shops.tee laden", SLUGS),
        ("[shops.tee]", '[shops.tee]\ncompany = "x"', "company", "shops.tee.company", "there is no [companies.x]"),
        ('language = "de"', 'time_zone = "Europe/Wien"', "time_zone", "time_zone", "write it like Europe/Berlin"),
        ("https://bote.", "bote.", "public_url", "public_url", "like https://bote.example.de"),
        ("bote.example.de", "bote.example.de/hooks", "public_url", "public_url", "without a path"),
        ("https://www.", "www.", "url", "shops.laden.url", "for example https://www.example.de"),
        ("tee.myshopify", "https://tee.myshopify", "domain", "shops.tee.domain", "without https://"),
        ("[senders.nummer]", f"[senders.nummer]\n{BASE}", "base_url", "senders.nummer.base_url", "begin with https://"),
        ('"webhook-secret-from-toml"', '""', "webhook_secret", "shops.laden.webhook_secret", "must not be empty"),
        ('"token-from-toml"', '"two words"', "token", "senders.nummer.token", "one word"),
    ],
)
def test_names_key_line_and_remedy(write: Write, old: str, new: str, at: str, key: str, says: str) -> None:
    text = changed(old, new)
    said = complaint(write(text))
    assert said.startswith(f"settings.toml, line {line(text, at)}: {key}: ")
    assert says in said
    assert "\n" not in said


def test_two_companies_and_none_named(write: Write) -> None:
    said = complaint(write(GOOD + SECOND))
    assert said.startswith(f"settings.toml, line {line(GOOD, '[shops.laden]')}: shops.laden: ")
    assert 'company = "musterladen"' in said


def test_two_numbers_and_none_named(write: Write) -> None:
    second = '\n[senders.zwei]\nphone_number_id = "2"\ntoken = "a"\napp_secret = "b"\nverify_token = "c"\n'
    said = complaint(write(GOOD + second))
    assert "shops.laden: " in said
    assert 'sender = "nummer"' in said


def test_a_number_of_another_company(write: Write) -> None:
    text = changed("[senders.nummer]", '[senders.nummer]\ncompany = "laden"')
    text = text.replace("[shops.laden]", '[shops.laden]\ncompany = "laden"')
    text = text.replace("[shops.tee]", '[shops.tee]\ncompany = "andere"\nsender = "nummer"') + SECOND
    said = complaint(write(text))
    assert said.startswith(f"settings.toml, line {line(text, 'sender = ')}: shops.tee.sender: ")
    assert "belongs to another company" in said


def entered(**changes: str) -> SenderSettings:
    given = {"phone_number_id": "2", "token": "a", "app_secret": "b", "verify_token": "c"}
    return SenderSettings.model_validate(given | changes)


def test_a_number_that_nobody_entered(write: Write) -> None:
    settings = load(write(changed("[shops.tee]", '[shops.tee]\nsender = "nix"')))
    with pytest.raises(SettingsError, match=r"^shops\.tee\.sender: there is no \[senders\.nix\]\.$"):
        settings.joined({})
    text = changed("[shops.tee]", '[shops.tee]\nsender = "nix"').replace(
        "[shops.laden]", '[shops.laden]\nsender = "nummer"'
    )
    whole = load(write(text)).joined({"nix": entered()})
    assert (whole.sender_of("laden"), whole.sender_of("tee"), whole.waiting) == ("nummer", "nix", ())


def test_shops_wait_for_the_first_number(write: Write) -> None:
    text = GOOD[: GOOD.index("[senders.nummer]")] + GOOD[GOOD.index("[shops.laden]") :]
    settings = load(write(text)).joined({})
    assert settings.waiting == ("laden", "tee")
    whole = settings.joined({"neu": entered()})
    assert (whole.waiting, whole.sender_of("tee")) == ((), "neu")


def test_a_number_in_both_places_is_an_error(write: Write) -> None:
    with pytest.raises(SettingsError, match=r"^senders\.nummer: was entered in the browser"):
        load(write()).joined({"nummer": entered()})


def test_a_second_number_that_leaves_shops_undecided(write: Write) -> None:
    with pytest.raises(SettingsError, match=r'^shops\.laden: say which number it writes from, like sender = "nummer"'):
        load(write()).joined({"zweite": entered()})


def test_an_entered_number_never_mixes_demo_and_real(write: Write) -> None:
    with pytest.raises(SettingsError, match="the two never mix"):
        load(write()).joined({"neu": entered(base_url="http://127.0.0.1:1/graph")})


def test_several_faults_are_told_at_once(write: Write) -> None:
    text = changed('name = "Teeladen"\n', "").replace('token = "token-from-toml"\n', "")
    said = complaint(write(text)).splitlines()
    assert len(said) == 2
    assert all("is missing" in sentence for sentence in said)


def test_no_toml(write: Write) -> None:
    said = complaint(write(GOOD + "[server\n"))
    assert said.startswith("settings.toml is not valid TOML: ")
    assert f"line {len(GOOD.splitlines()) + 1}" in said


def test_no_text(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_bytes(b"\xff\xfe\x00")
    assert "is not valid TOML" in complaint(file)


def test_no_file(tmp_path: Path) -> None:
    assert complaint(tmp_path / "settings.toml") == "settings.toml does not exist. Run `ladenbote init` to make one."


def test_a_folder_instead_of_a_file(tmp_path: Path) -> None:
    assert "cannot be read" in complaint(tmp_path)


NIGHT = '[companies.laden.policy]\nquiet_service = "nachts"\n[senders.nummer]'
UNPLAIN = {
    "no platform": (changed('platform = "shopify"\n', ""), ["shops.tee", "platform", "shopify", "woocommerce"]),
    "other platform": (changed('"shopify"', '"magento"'), ["shops.tee", "platform", "shopify", "woocommerce"]),
    "country": (changed('language = "de"', 'country = "Deutschland"'), [": country: ", "DE"]),
    "hours": (changed("[senders.nummer]", NIGHT), [": companies.laden.policy.quiet_service: "]),
    "no table": ('shops = "laden"\n', [": shops: ", "[shops."]),
}


@pytest.mark.parametrize("case", UNPLAIN)
def test_speaks_plainly(write: Write, case: str) -> None:
    text, must_name = UNPLAIN[case]
    said = complaint(write(text))
    assert all(word in said for word in must_name), said
    assert not JARGON.search(said), said
    assert "\n" not in said


def test_a_fault_in_the_environment_names_the_variable(write: Write) -> None:
    assert "LADENBOTE_SERVER__PORT" in complaint(write(LADENBOTE_SERVER__PORT="abc"))


def test_a_variable_that_cannot_be_read_is_no_traceback(write: Write) -> None:
    said = complaint(write(LADENBOTE_SERVER="geheim{"))
    assert "LADENBOTE_SERVER" in said
    assert "geheim" not in said


@pytest.mark.parametrize("key", ["url", "keys_url"])
@pytest.mark.parametrize("url", ["ladenbote.db", "mysql://ladenbote:geheim@127.0.0.1/x"])
def test_a_database_url_that_is_none(write: Write, key: str, url: str) -> None:
    said = complaint(write(f'{GOOD}\n[database]\n{key} = "{url}"\n'))
    assert f"database.{key}: " in said
    assert "sqlite:///" in said
    assert "geheim" not in said


# ── Secrets stay secret ─────────────────────────────────────────────────────────────────────────────────────


def test_no_secret_in_what_settings_show(write: Write) -> None:
    shown = repr(load(write())) + str(load(write()))
    assert not any(secret in shown for secret in SECRETS)


def test_no_database_password_in_what_settings_show(write: Write) -> None:
    settings = load(write(f'{GOOD}\n[database]\nurl = "postgresql://ladenbote:geheim@127.0.0.1/x"\n'))
    assert "geheim" not in repr(settings)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"token-from-toml"', '["streng-geheim"]'),
        ('"token-from-toml"', '"streng-geheim mit Leerzeichen"'),
        ('"webhook-secret-from-toml"', '{ wert = "streng-geheim" }'),
        ("app_secret =", 'passwort = "streng-geheim"\napp_secret ='),
        ('platform = "woocommerce"', 'platform = "woocommerce"\nconsumer_secret = ["streng-geheim"]'),
    ],
)
def test_no_secret_in_a_complaint(write: Write, old: str, new: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load(write(changed(old, new)))
    assert "streng-geheim" not in str(caught.value)
    assert not any(secret in str(caught.value) for secret in SECRETS)
    assert caught.value.__cause__ is None and caught.value.__suppress_context__


def test_settings_cannot_be_changed_by_accident(write: Write) -> None:
    with pytest.raises(Exception, match="frozen"):
        load(write()).server.port = 1  # type: ignore[misc]


# ── Finding the line ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "path", "found"),
    [
        ("a = 1\nb = 2\n", ["b"], 2),
        ("[server]\nport = 1\n", ["server", "port"], 2),
        ("[server]\nhost = 1\n", ["server", "port"], 1),
        ("server.port = 1\n", ["server", "port"], 1),
        ('[shops."tee"]\nname = 1\n', ["shops", "tee", "name"], 2),
        ("# port = 1\n[server]\n  port = 1\n", ["server", "port"], 3),
        ("[a]\nx = 1\n[b]\nx = 1\n", ["b", "x"], 4),
        ("a = 1\n", ["b"], None),
        ("", ["b"], None),
    ],
)
def test_line_of(text: str, path: list[str], found: int | None) -> None:
    assert line_of(text, path) == found


def test_settings_without_a_file_are_possible() -> None:
    assert Settings().server.port == 8080


def test_nobody_agreed_on_a_day_to_come(write: Write) -> None:
    """By the clock that is handed in; tomorrow it is already where the sun rises earlier."""
    phone = '\n[alarms.whatsapp]\nphone = "+491711234567"\nagreed_on = 2026-11-26\n'
    file = write(GOOD + phone)
    found = load(file, lambda: datetime(2026, 11, 25, 0, 1, tzinfo=UTC)).alarms.whatsapp
    assert found and found.agreed_on.isoformat() == "2026-11-26"
    with pytest.raises(SettingsError, match=r"line 27: alarms\.whatsapp\.agreed_on: .* cannot lie in the future"):
        load(file, lambda: datetime(2026, 11, 24, 23, 59, tzinfo=UTC))
