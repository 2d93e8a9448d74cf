"""Mailboxes: web space of the shop's that keeps webhooks until we fetch them (docs/mailbox.md)."""
