"""How the owner is told: by e-mail, and by a webhook of his own."""
