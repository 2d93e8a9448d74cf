"""The business profile of a number: what do customers see when they tap on the shop's name?"""

from collections.abc import Iterator
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from integration.domain.errors import ChannelError, NotSent, Refused
from integration.domain.numbers.numbers import (
    LONGEST_WEBSITE,
    MOST_WEBSITES,
    PROFILE_LIMITS,
    VERTICALS,
    BusinessProfile,
    names_imprint,
)
from integration.domain.templates.media import Unfit, as_portrait
from integration.domain.text import Text
from integration.flow.numbers import connect
from integration.web.forms import Form
from integration.web.render import Pages

#: bytes of a picture before it is redrawn
LIMIT: Final = 20 * 1024**2
WEBSITES: Final = tuple(f"website{n}" for n in range(1, MOST_WEBSITES + 1))


def show(pages: Pages, request: Request) -> Response:
    """The profile as Meta has it now."""
    slug = request.path_params["sender"]
    if slug not in pages.deps.senders:
        return pages.missing(request)
    try:
        profile = pages.world.numbers.management(slug).profile()
    except ChannelError as error:
        return _page(pages, request, BusinessProfile(), unread=_code(error))
    return _page(pages, request, profile, saved="saved" in request.query_params)


def take(pages: Pages, request: Request, form: Form) -> Response:
    """Change it at Meta."""
    slug = request.path_params["sender"]
    if slug not in pages.deps.senders:
        return pages.missing(request)
    profile = _profile(form)
    if wrong := _wrong(profile):
        return _page(pages, request, profile, 400, wrong=wrong)
    try:
        pages.world.numbers.management(slug).change_profile(profile)
    except ChannelError as error:
        return _page(pages, request, profile, 502, refused=_code(error))
    connect.read_soon(pages.world.database, [slug])
    return RedirectResponse(f"/connections/numbers/{slug}/profile?saved", 303)


def take_picture(pages: Pages, request: Request, _form: Form, _name: str, pieces: Iterator[bytes]) -> Response:
    """Change the picture at Meta."""
    slug = request.path_params["sender"]
    if slug not in pages.deps.senders:
        return pages.missing(request)
    account = pages.world.numbers.management(slug)
    try:
        account.change_picture(as_portrait(b"".join(pieces)), "image/jpeg")
    except Unfit as unfit:
        return _page(pages, request, account.profile(), 400, unfit=unfit.explanation)
    except ChannelError as error:
        return _page(pages, request, BusinessProfile(), 502, unread=_code(error))
    return RedirectResponse(f"/connections/numbers/{slug}/profile?saved", 303)


def too_large(pages: Pages, request: Request) -> Response:
    """A picture that is larger than any that is taken."""
    return pages.render(request, "templates/too_large.html", 413, limit=LIMIT // 1024**2)


def _profile(form: Form) -> BusinessProfile:
    words: dict[str, Any] = {name: form.get(name, "").replace("\r\n", "\n").strip() for name in PROFILE_LIMITS}
    websites = tuple(w for name in WEBSITES if (w := form.get(name, "").strip()))
    trade = form.get("vertical", "")
    return BusinessProfile(**words, websites=websites, vertical=trade if trade in VERTICALS else "")


def _wrong(profile: BusinessProfile) -> str:
    """The first field that Meta would not take."""
    for name, limit in PROFILE_LIMITS.items():
        if len(getattr(profile, name)) > limit:
            return name
    if profile.email and ("@" not in profile.email or " " in profile.email):
        return "email"
    fits = (
        w.startswith(("https://", "http://")) and len(w) <= LONGEST_WEBSITE and " " not in w for w in profile.websites
    )
    return "" if all(fits) else "websites"


def _page(
    pages: Pages,
    request: Request,
    profile: BusinessProfile,
    status: int = 200,
    *,
    unread: str = "",
    refused: str = "",
    wrong: str = "",
    saved: bool = False,
    unfit: Text | None = None,
) -> Response:
    return pages.render(
        request,
        "numbers/number_profile.html",
        status,
        sender=pages.deps.senders[request.path_params["sender"]],
        profile=profile,
        websites=[(name, profile.websites[n : n + 1]) for n, name in enumerate(WEBSITES)],
        limits=PROFILE_LIMITS,
        imprint=names_imprint(profile.websites),
        unread=unread,
        refused=refused,
        wrong=wrong,
        saved=saved,
        unfit=unfit,
        trades=VERTICALS,
    )


def _code(error: ChannelError) -> str:
    """Meta's code, or a word for no answer."""
    if isinstance(error, Refused):
        return str(error.code)
    return "not_sent" if isinstance(error, NotSent) else "no_answer"
