"""The messages inside messages: what a person forwarded, by block or as an attachment."""

from core.forwards.original import Original, unwrap

__all__ = ["Original", "unwrap"]
