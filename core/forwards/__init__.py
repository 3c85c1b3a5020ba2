"""The messages inside messages: what a person forwarded, and what a provider asks before it forwards."""

from core.forwards.blocks import find_block
from core.forwards.confirmation import Confirmation, confirmation
from core.forwards.original import Original, unwrap

__all__ = ["Confirmation", "Original", "confirmation", "find_block", "unwrap"]
