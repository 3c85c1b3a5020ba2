"""The console: pages for people, each a file with a blueprint of its own; `frame` is what they stand in."""

from gateway.web.console.assets import assets
from gateway.web.console.authenticators import authenticators
from gateway.web.console.entrance import entrance
from gateway.web.console.history import history
from gateway.web.console.identifiers import identifiers
from gateway.web.console.keys import keys
from gateway.web.console.live import live
from gateway.web.console.messages import messages
from gateway.web.console.operations import operations
from gateway.web.console.trial import trial

BLUEPRINTS = (assets, entrance, live, history, messages, identifiers, authenticators, trial, operations, keys)
