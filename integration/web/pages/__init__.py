"""The table of pages. A new page is one module here, one template folder, one row in this table."""

from collections.abc import Callable
from functools import partial

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from integration.flow.consent.imports import LIMIT
from integration.flow.notifications import documents
from integration.flow.templates import uploads as upload_flow
from integration.web.forms import Form, posted
from integration.web.pages.account import language, login, logout
from integration.web.pages.alarms import alarms
from integration.web.pages.appointments import appointments
from integration.web.pages.carts import cart, cart_settings, carts
from integration.web.pages.consent import consent_links, consents, imports, ledger, proof, wordings
from integration.web.pages.contacts import contact, contact_new, contacts, correct, withdraw
from integration.web.pages.conversations import attachment
from integration.web.pages.costs import costs
from integration.web.pages.dashboard import figures, today
from integration.web.pages.messages import message, messages, resume, undelivered
from integration.web.pages.notifications import audience, notifications, rehearsal
from integration.web.pages.numbers import number, number_new, number_profile
from integration.web.pages.privacy import erase, export, request, requests, restrict, retention
from integration.web.pages.shops import connections, reconciliation, shop
from integration.web.pages.templates import enclosure, templates
from integration.web.pages.webhooks import received, received_again
from integration.web.render import Pages
from integration.web.uploads import uploaded

Show = Callable[[Pages, Request], Response]
Take = Callable[[Pages, Request, Form], Response]

PAGES: tuple[tuple[str, Show], ...] = (
    ("/", today.show),
    ("/messages", messages.show),
    ("/messages.csv", messages.export),
    ("/messages/{id}", message.show),
    ("/carts", carts.show),
    ("/carts.csv", carts.export),
    ("/carts/{id}", cart.show),
    ("/contacts", contacts.show),
    ("/contacts/new", contact_new.show),
    ("/contacts/{id}", contact.show),
    ("/undelivered", undelivered.show),
    ("/consents", consents.show),
    ("/consents/people", consents.who),
    ("/consents/wordings", wordings.show),
    ("/consents/wordings/for-lawyer.txt", wordings.for_lawyer),
    ("/consents/import", imports.show),
    ("/consents/import/{id}", imports.one),
    ("/consents/import/{id}/report.csv", imports.report),
    ("/consents/links", consent_links.show),
    ("/consents/links/new", consent_links.new),
    ("/consents/links/{code}", consent_links.one),
    ("/consents/links/{code}/poster.pdf", consent_links.poster_file),
    ("/consents/links/{code}/card.pdf", consent_links.card_file),
    ("/contacts/{id}/withdraw", withdraw.show),
    ("/contacts/{id}/correct", correct.show),
    ("/contacts/{id}/restrict", restrict.show),
    ("/contacts/{id}/erase", erase.show),
    ("/contacts/{id}/export", export.show),
    ("/requests", requests.show),
    ("/requests/{id}", request.show),
    ("/requests/{id}/certificate", request.paper),
    ("/notifications", notifications.show),
    ("/notifications/{kind}", audience.show),
    ("/appointments", appointments.show),
    ("/ledger", ledger.show),
    ("/ledger/checkpoints", ledger.lines),
    ("/retention", retention.show),
    ("/templates", templates.show),
    ("/templates/{kind}/{place}", templates.show_one),
    ("/enclosures/{hash}", enclosure.show),
    ("/received", received.show),
    ("/received/again", received_again.show),
    ("/figures", figures.show),
    ("/costs", costs.show),
    ("/reconciliation", reconciliation.show),
    ("/rehearsal", rehearsal.show),
    ("/attachments/{id}", attachment.show),
    ("/connections", connections.show),
    ("/connections/numbers/new", number_new.show),
    ("/connections/numbers/{sender}", number.show),
    ("/connections/numbers/{sender}/profile", number_profile.show),
    ("/connections/{shop}", shop.show),
    ("/alarms", alarms.show),
    ("/login", login.show),
)
FORMS: tuple[tuple[str, Take], ...] = (
    ("/carts/reminders", cart_settings.take),
    ("/rehearsal", rehearsal.start),
    ("/rehearsal/shadow", rehearsal.shadow),
    ("/templates/{kind}/{place}", templates.take),
    ("/login", login.take),
    ("/logout", logout.take),
    ("/alarms/test", alarms.test),
    ("/language", language.take),
    ("/notifications", notifications.take),
    ("/appointments", appointments.take),
    ("/appointments/{id}", appointments.change),
    ("/messages", messages.search),
    ("/messages.csv", messages.export_search),
    ("/contacts", contacts.search),
    ("/contacts/new", contact_new.take),
    ("/contacts/{id}/proof", proof.take),
    ("/resting", resume.resume),
    ("/connections/numbers/new", number_new.take),
    ("/connections/numbers/{sender}", number.examine),
    ("/connections/numbers/{sender}/webhook", number.connect),
    ("/connections/numbers/{sender}/goods", number.goods),
    ("/connections/numbers/{sender}/token", number.renew),
    ("/connections/numbers/{sender}/remove", number.remove),
    ("/connections/numbers/{sender}/profile", number_profile.take),
    ("/received/again", received_again.take),
    ("/undelivered", undelivered.decide),
    ("/consents/import/{id}", imports.check),
    ("/consents/import/{id}/start", imports.start),
    ("/consents/import/{id}/end", imports.give_up),
    ("/consents/wordings", wordings.take),
    ("/consents/links/new", consent_links.make),
    ("/consents/links/{code}/end", consent_links.end),
    ("/contacts/{id}/withdraw", withdraw.take),
    ("/contacts/{id}/correct", correct.take),
    ("/contacts/{id}/restrict", restrict.take),
    ("/contacts/{id}/erase", erase.take),
    ("/contacts/{id}/export", export.take),
    ("/requests", requests.take),
    ("/contacts/block", contacts.block),
    ("/ledger", ledger.take),
    ("/requests/{id}", request.take),
    ("/connections/{shop}", shop.examine),
    ("/connections/{shop}/connect", shop.connect),
)


def page_routes(pages: Pages) -> list[BaseRoute]:
    """One route per row of the tables."""
    shown: list[BaseRoute] = [Route(path, partial(show, pages), methods=["GET"]) for path, show in PAGES]
    taken: list[BaseRoute] = [Route(path, posted(pages, take), methods=["POST"]) for path, take in FORMS]
    file = uploaded(pages, imports.take, imports.too_large, LIMIT)
    picture = uploaded(pages, templates.take_file, templates.too_large, upload_flow.LIMIT)
    portrait = uploaded(pages, number_profile.take_picture, number_profile.too_large, number_profile.LIMIT)
    paper = uploaded(pages, message.send_document, message.too_large, documents.LIMIT)
    uploads = [
        ("/consents/import", file),
        ("/templates/{kind}/{place}/file", picture),
        ("/messages/{id}/document", paper),
        ("/connections/numbers/{sender}/picture", portrait),
    ]
    return [*shown, *taken, *(Route(path, take, methods=["POST"]) for path, take in uploads)]
