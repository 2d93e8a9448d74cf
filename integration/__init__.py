"""Ladenbote between the shops and WhatsApp: layers go down, nouns go across (CONTRIBUTING.md, "The house")."""
