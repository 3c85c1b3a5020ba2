"""`otpgate demo`: a mail and an SMS go in by the real doors, and both codes come out."""

from gateway.cli.demo.transcript import demo

__all__ = ["demo"]
