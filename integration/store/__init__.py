"""The only SQL: one package per noun, the tables and migrations, and what all of them share."""
