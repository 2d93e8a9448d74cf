"""Pages for strangers, without a login: opting in and out, one's own data, a shop's first connection."""
