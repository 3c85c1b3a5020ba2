"""Waits for one-time codes and sign-in links from an otpgate gateway."""

from otpgate_client.asynchronous import AsyncLogin, AsyncOtpGate
from otpgate_client.claim import Claim
from otpgate_client.errors import (
    AmbiguousCode,
    NothingArrived,
    NotYourTurn,
    OtpGateError,
    RefusedError,
    UnreachableError,
)
from otpgate_client.synchronous import Login, OtpGate
from otpgate_client.wanted import Kind, Options

__all__ = [
    "AmbiguousCode",
    "AsyncLogin",
    "AsyncOtpGate",
    "Claim",
    "Kind",
    "Login",
    "NotYourTurn",
    "NothingArrived",
    "Options",
    "OtpGate",
    "OtpGateError",
    "RefusedError",
    "UnreachableError",
]
