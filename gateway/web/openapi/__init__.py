"""OpenAPI 3.1 of the JSON API, and pages to browse it that ask nothing of the outside."""

from gateway.web.openapi.pages import docs

__all__ = ["docs"]
