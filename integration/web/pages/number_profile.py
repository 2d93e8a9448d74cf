"""The business profile of a number: what do customers see when they tap on the shop's name?"""

from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from integration.domain.errors import ChannelError, NotSent, Refused
from integration.domain.numbers import (
    LONGEST_WEBSITE,
    MOST_WEBSITES,
    PROFILE_LIMITS,
    BusinessProfile,
    names_imprint,
)
from integration.web.forms import Form
from integration.web.render import Pages

WEBSITES: Final = tuple(f"website{n}" for n in range(1, MOST_WEBSITES + 1))


def show(pages: Pages, request: Request) -> Response:
    """The profile as Meta has it now."""
    slug = request.path_params["sender"]
    if slug not in pages.deps.senders:
        return pages.missing(request)
    try:
        profile = pages.deps.numbers.management(slug).profile()
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
        pages.deps.numbers.management(slug).change_profile(profile)
    except ChannelError as error:
        return _page(pages, request, profile, 502, refused=_code(error))
    return RedirectResponse(f"/connections/numbers/{slug}/profile?saved", 303)


def _profile(form: Form) -> BusinessProfile:
    words = {name: form.get(name, "").replace("\r\n", "\n").strip() for name in PROFILE_LIMITS}
    return BusinessProfile(**words, websites=tuple(w for name in WEBSITES if (w := form.get(name, "").strip())))


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
) -> Response:
    return pages.render(
        request,
        "number_profile/number_profile.html",
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
    )


def _code(error: ChannelError) -> str:
    """Meta's code, or a word for no answer."""
    if isinstance(error, Refused):
        return str(error.code)
    return "not_sent" if isinstance(error, NotSent) else "no_answer"
