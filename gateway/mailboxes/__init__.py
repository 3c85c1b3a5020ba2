"""A door that fetches: mailboxes pulled by IMAP, watched by IDLE."""
