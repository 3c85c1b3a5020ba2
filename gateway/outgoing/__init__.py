"""Webhooks to the user's own systems when a code arrives, by the Standard Webhooks specification.

`planning` makes deliveries of what happened, `sending` tries them, `event` is what a receiver gets.
"""

from gateway.outgoing.worker import Outgoing

__all__ = ["Outgoing"]
