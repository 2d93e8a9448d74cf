"""template_sync: what Meta says about our templates; missing ones are submitted."""

from datetime import datetime

from integration import log
from integration.domain.channel import RemoteTemplate
from integration.domain.errors import ChannelError
from integration.domain.ports import Account
from integration.domain.templates import Template, all_templates, submission
from integration.flow.world import World
from integration.store import messages, templates
from integration.store.db import announce

logger = log.get("template_sync")


def sweep(world: World, now: datetime) -> str:
    """Read every account's templates and submit those of ours that it lacks."""
    results = []
    for name, account in {s.account: s.management for s in world.senders.values()}.items():
        try:
            found, submitted = _sync(account)
        except ChannelError as error:
            logger.warning("templates_unread", account=name, error=log.brief(error))
            results.append(f"{name}: unread")
            continue
        with world.database.write() as connection:
            templates.replace_all(connection, name, found, now)
            messages.release(connection, "template_not_approved", now)
            announce(connection, "due")
        results.append(f"{name}: {len(found)} templates, {submitted} submitted")
    return "; ".join(results)


def _sync(account: Account) -> tuple[list[RemoteTemplate], int]:
    found = account.templates()
    known = {(t.name, t.language) for t in found}
    missing = [t for t in all_templates() if (t.name, t.language) not in known]
    submitted = sum(_submitted(account, template) for template in missing)
    return (account.templates() if submitted else found), submitted


def _submitted(account: Account, template: Template) -> bool:
    """Submit one template; one that Meta refuses does not keep the others waiting."""
    try:
        account.create_template(submission(template))
    except ChannelError as error:
        logger.warning("template_refused", template=template.name, error=log.brief(error))
        return False
    return True
