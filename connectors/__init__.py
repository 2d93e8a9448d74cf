"""What others call things: one package per shop platform, for WhatsApp, mailboxes and the routes of alarms."""
