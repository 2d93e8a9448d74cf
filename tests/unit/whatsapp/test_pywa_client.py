"""pywa as a stranger: pointed at the sandbox by its base URL, everything that it serialises right is taken.

Where both can say the same, our own bodies equal pywa's. Two things of pywa's are wrong and are refused as Meta would:
an offer's end in seconds (docs/reference/whatsapp.md section 12), and a phone number whose plus it takes away.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import orjson
import pytest
from pretend_meta import Meta, pretend_meta
from pywa import WhatsApp, types
from pywa import errors as pywa_errors
from pywa.types import templates as t
from sandbox_play import ANNA

from connectors.whatsapp.payloads import message
from integration.domain.messages.channel import Envelope
from integration.domain.messages.components import Button, ButtonType, Components, Media, MediaType

PLACE = {"latitude": 50.93, "longitude": 6.95, "name": "Laden", "address": "Markt 1"}
BODY = t.BodyText("Hallo {{name}}, Ihr Paket {{number}} ist heute auf dem Weg zu Ihnen.", name="Anna", number="4711")
LINK = t.URLButton(text="Verfolgen", url="https://versand.example/{{1}}", example="x")
REPLY = t.QuickReplyButton(text="Frage stellen")


class Recorded(httpx.HTTPTransport):
    """A real connection that remembers what went over it."""

    def __init__(self) -> None:
        super().__init__()
        self.bodies: list[dict[str, Any]] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/messages"):
            self.bodies.append(orjson.loads(request.read()))
        return super().handle_request(request)


class Shop:
    """A program of somebody else's."""

    def __init__(self, meta: Meta) -> None:
        config = meta.config
        self.meta, self.wire = meta, Recorded()
        self.session = session = httpx.Client(transport=self.wire, trust_env=False)
        self.wa = WhatsApp(
            phone_id=config.phone_number_id, token=config.whatsapp_token, session=session,
            waba_id=config.business_account_id, app_id=config.app_id, app_secret=config.app_secret,
        )  # fmt: skip
        session.base_url = httpx.URL(f"{config.origin}/graph/v26.0")  # the constructor overwrites it
        meta.stage.phones.at(ANNA).last_inbound = datetime.now(UTC)

    def create(self, name: str, *components: Any, **more: Any) -> Any:
        chosen = {"category": t.TemplateCategory.UTILITY, "parameter_format": t.ParamFormat.NAMED} | more
        wanted = t.Template(name=name, language=t.TemplateLanguage.GERMAN, components=list(components), **chosen)
        return self.wa.create_template(wanted)

    def send(self, name: str, *params: Any) -> Any:
        return self.wa.send_template(ANNA, name, t.TemplateLanguage.GERMAN, list(params))


@pytest.fixture(scope="module")
def running() -> Iterator[Meta]:
    with pretend_meta() as meta:
        yield meta


@pytest.fixture
def shop(running: Meta) -> Iterator[Shop]:
    found = Shop(running)
    yield found
    found.session.close()
    running.stage.graph.templates.delete("shipped")
    running.stage.graph.templates._blocked.clear()


FREE: dict[str, Callable[[WhatsApp], Any]] = {
    "text": lambda wa: wa.send_message(ANNA, "Hallo", preview_url=True, tracker="attempt"),
    "answer": lambda wa: wa.send_message(ANNA, "Ja", reply_to_message_id="wamid.x"),
    "replies": lambda wa: wa.send_message(
        ANNA, "Passt das?", header="Frage", footer="STOP beendet", buttons=[types.Button("Ja", "YES")]
    ),
    "link": lambda wa: wa.send_message(ANNA, "Neu", buttons=types.URLButton("Zum Shop", url="https://laden.example/")),
    "list": lambda wa: wa.send_message(
        ANNA,
        "Welcher?",
        buttons=types.SectionList("Wählen", [types.Section("Tee", [types.SectionRow("Assam", "A", "kräftig")])]),
    ),
    "image": lambda wa: wa.send_image(ANNA, "https://laden.example/a.jpg", caption="Kaffee"),
    "video": lambda wa: wa.send_video(ANNA, "https://laden.example/a.mp4"),
    "audio": lambda wa: wa.send_audio(ANNA, "https://laden.example/a.mp3"),
    "document": lambda wa: wa.send_document(ANNA, "https://laden.example/a.pdf", filename="a.pdf"),
    "sticker": lambda wa: wa.send_sticker(ANNA, "https://laden.example/a.webp"),
    "reaction": lambda wa: wa.send_reaction(ANNA, "👍", "wamid.x"),
    "location": lambda wa: wa.send_location(ANNA, **PLACE),
    "where": lambda wa: wa.request_location(ANNA, "Wohin?"),
    "contact": lambda wa: wa.send_contact(
        ANNA, types.Contact(name=types.Contact.Name(formatted_name="Laden Beispiel", first_name="Laden"))
    ),
}


@pytest.mark.parametrize("kind", FREE)
def test_everything_that_pywa_sends_in_the_window_is_taken(shop: Shop, kind: str) -> None:
    sent = FREE[kind](shop.wa)
    assert sent.id.startswith("wamid.")
    assert shop.meta.stage.graph.accepted[-1]["wamid"] == sent.id


def test_a_template_is_made_listed_sent_changed_and_deleted(shop: Shop) -> None:
    made = shop.create("shipped", BODY, t.Buttons(buttons=[LINK, REPLY]))
    assert made.status is t.TemplateStatus.APPROVED
    [listed] = [found for found in shop.wa.get_templates() if found.name == "shipped"]
    assert (listed.id, listed.category) == (made.id, t.TemplateCategory.UTILITY)
    sent = shop.send(
        "shipped", BODY.params(name="Anna", number="4711"), LINK.params(url_variable="4711", index=0),
        REPLY.params(callback_data="Q", index=1),
    )  # fmt: skip
    assert shop.meta.stage.graph.accepted[-1]["text"].startswith("Hallo Anna, Ihr Paket 4711")
    assert sent.id
    with pytest.raises(pywa_errors.TemplateParamCountMismatch):
        shop.send("shipped", LINK.params(url_variable="4711", index=0))
    shop.wa.update_template(made.id, new_components=[t.BodyText("Ihr Paket ist heute auf dem Weg zu Ihnen.")])
    assert shop.send("shipped").id
    assert shop.wa.delete_template("shipped")
    with pytest.raises(pywa_errors.TemplateNotExists):
        shop.send("shipped")


def test_our_body_of_a_template_is_pywas(shop: Shop) -> None:
    shop.create("shipped", BODY, t.Buttons(buttons=[LINK, REPLY]))
    shop.send(
        "shipped", BODY.params(name="Anna", number="4711"), LINK.params(url_variable="4711", index=0),
        REPLY.params(callback_data="Q", index=1),
    )  # fmt: skip
    buttons = (Button(0, ButtonType.URL, "4711"), Button(1, ButtonType.QUICK_REPLY, "Q"))
    ours = Envelope(
        "a1", ANNA, None, "de", "shipped", variables={"name": "Anna", "number": "4711"},
        components=Components(buttons=buttons),
    )  # fmt: skip
    assert same(ours) == plain(shop.wire.bodies[-1])


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (Envelope("a1", ANNA, None, "de", text="Hallo"), lambda wa: wa.send_message(ANNA, "Hallo")),
        (
            Envelope("a1", ANNA, None, "de", text="Passt?", buttons=(("YES", "Ja"), ("NO", "Nein"))),
            lambda wa: wa.send_message(ANNA, "Passt?", buttons=[types.Button("Ja", "YES"), types.Button("Nein", "NO")]),
        ),
    ],
)
def test_our_free_texts_are_pywas(shop: Shop, ours: Envelope, theirs: Callable[[WhatsApp], Any]) -> None:
    theirs(shop.wa)
    assert same(ours) == plain(shop.wire.bodies[-1])


def test_our_header_is_pywas() -> None:
    header = Components(header=Media(MediaType.IMAGE, id="700000000000001"))
    theirs = t.HeaderImage.params(image="700000000000001")
    theirs._resolved_media, theirs._filename = "700000000000001", None
    ours = same(Envelope("a1", ANNA, None, "de", "x", variables={}, components=header))
    assert ours["template"]["components"][0] == lowered(theirs.to_dict())


def test_pywa_reads_our_refusals_as_metas(shop: Shop, running: Meta) -> None:
    with pytest.raises(pywa_errors.InvalidParameter):
        shop.wa.send_message("0151 123", "x")
    running.stage.phones.at(ANNA).last_inbound = None
    with pytest.raises(pywa_errors.ReEngagementMessage) as closed:
        shop.wa.send_message(ANNA, "Hallo")
    assert closed.value.details and closed.value.fbtrace_id
    with pytest.raises(pywa_errors.WhatsAppError) as edge:
        shop.create("edge", t.BodyText("{{name}} ist da, und zwar heute noch", name="Anna"))
    assert (edge.value.code, edge.value.subcode, bool(edge.value.user_msg)) == (100, 2388299, True)
    shop.session.headers["Authorization"] = "Bearer falsch"
    with pytest.raises(pywa_errors.ExpiredAccessToken):
        shop.wa.send_message(ANNA, "Hallo")


def test_an_upload_by_pywa_is_sent_and_deleted(shop: Shop) -> None:
    media = shop.wa.upload_media(b"\x89PNG\r\n", mime_type="image/png", filename="a.png")
    assert shop.wa.send_image(ANNA, media).id
    assert shop.wa.get_media_url(media.id).mime_type == "image/png"
    assert shop.wa.delete_media(media.id)


def same(envelope: Envelope) -> dict[str, Any]:
    return plain(orjson.loads(message(envelope)))


def plain(body: dict[str, Any]) -> dict[str, Any]:
    """Without what each program chooses freely: the tracker, whether links are shown, an index as number or text."""
    found = {key: value for key, value in body.items() if key != "biz_opaque_callback_data"}
    found.get("text", {}).pop("preview_url", None)
    for part in found.get("template", {}).get("components", ()):
        part |= lowered(part)
    return found


def lowered(part: dict[str, Any]) -> dict[str, Any]:
    """Meta takes the types of parts in capitals and small, and an index as number or text."""
    words = {key: str(part[key]).lower() for key in ("type", "sub_type", "index") if key in part}
    kinds = [{**one, "type": one["type"].lower()} for one in part.get("parameters", ())]
    return {**part, **words, "parameters": kinds}
