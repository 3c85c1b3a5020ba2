"""What every webhook has in common: its request, what it may bring, and how a sender proves itself.

The senders themselves are in gateway/providers, one file each.
"""
