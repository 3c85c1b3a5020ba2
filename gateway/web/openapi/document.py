"""Makes the OpenAPI 3.1 document from the routes, their views' docstrings and their models."""

import re
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from inspect import getdoc
from typing import TYPE_CHECKING, Any

from flask import Flask
from pydantic.json_schema import models_json_schema
from werkzeug.routing import Rule

from gateway.web.openapi.operations import OPERATIONS, Operation

if TYPE_CHECKING:
    from pydantic import BaseModel

Json = dict[str, Any]
_SCHEMAS = "#/components/schemas/"
_IN_PATH = re.compile(r"<(?:\w+:)?(\w+)>")
_KEYS = {
    "key": {"type": "apiKey", "in": "header", "name": "x-api-key"},
    "bearer": {"type": "http", "scheme": "bearer"},
}


def document(app: Flask) -> Json:
    """The document of every route that has an operation; queries become parameters, all else a component."""
    known = (rule for rule in app.url_map.iter_rules() if rule.endpoint in OPERATIONS)
    rules = {rule.endpoint: rule for rule in sorted(known, key=lambda rule: rule.rule)}  # one of several addresses
    schemas = _schemas()
    paths: Json = {}
    for rule in sorted(rules.values(), key=lambda rule: rule.rule):
        for method in sorted(rule.methods & {"GET", "PUT", "POST", "DELETE"} if rule.methods else ()):
            described = _operation(rule, app.view_functions[rule.endpoint], schemas)
            paths.setdefault(_IN_PATH.sub(r"{\1}", rule.rule), {})[method.lower()] = described
    queries = {operation.query.__name__ for operation in OPERATIONS.values() if operation.query}
    return {
        "openapi": "3.1.0",
        "info": {"title": "otpgate", "version": "1", "description": "Hands one-time codes to logins."},
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": {name: schema for name, schema in schemas.items() if name not in queries},
            "securitySchemes": _KEYS,
        },
    }


def _schemas() -> Json:
    models: set[type[BaseModel]] = set()
    for operation in OPERATIONS.values():
        given = (operation.query, operation.body, operation.answer, operation.problem)
        models |= {model for model in given if model}
    wanted = [(model, "validation") for model in sorted(models, key=lambda model: model.__name__)]
    _, found = models_json_schema(wanted, ref_template=_SCHEMAS + "{model}")  # type: ignore[arg-type]
    return dict(found["$defs"])


def _operation(rule: Rule, view: Any, schemas: Mapping[str, Json]) -> Json:
    operation = OPERATIONS[rule.endpoint]
    scopes = getattr(view, "scopes", ())
    words = (getdoc(view) or "").split("\n")
    needs = f"Needs a key with scope {' or '.join(f'`{scope}`' for scope in scopes)}." if scopes else ""
    return {
        "operationId": rule.endpoint.replace(".", "-"),
        "tags": [rule.endpoint.split(".")[0]],
        "summary": words[0],
        "description": "\n".join([*words[1:], needs]).strip(),
        "parameters": [*_in_path(rule), *_in_query(operation, schemas)],
        **_body(operation, schemas),
        "responses": _responses(operation, keyed=bool(scopes)),
        "security": [{name: []} for name in _KEYS] if scopes else [],
    }


def _in_path(rule: Rule) -> Iterable[Json]:
    for name in sorted(rule.arguments):
        schema: Json = {"type": "string", "minLength": 1}
        if name == "identifier":
            schema |= {"format": "identifier"}
        yield {"name": name, "in": "path", "required": True, "schema": schema}


def _in_query(operation: Operation, schemas: Mapping[str, Json]) -> Iterable[Json]:
    if operation.query is None:
        return
    model = schemas[operation.query.__name__]
    for name, schema in model["properties"].items():
        required = name in model.get("required", ())
        yield {"name": name, "in": "query", "required": required, "schema": schema}


def _body(operation: Operation, schemas: Mapping[str, Json]) -> Json:
    if operation.body is None:
        return {}
    name = operation.body.__name__
    required = bool(schemas[name].get("required"))
    return {"requestBody": {"required": required, "content": _content("application/json", name)}}


def _responses(operation: Operation, *, keyed: bool) -> Json:
    good: Json = {"description": HTTPStatus(operation.status).phrase}
    if operation.answer:
        good["content"] = _content(operation.answer_type, operation.answer.__name__)
    refusals = {*operation.refusals, *((401, 403) if keyed else ())}
    refused = {"content": _content(operation.problem_type, operation.problem.__name__)}
    return {
        str(operation.status): good,
        **{str(status): {"description": HTTPStatus(status).phrase, **refused} for status in sorted(refusals)},
        "default": {"description": "Refused, or our own trouble", **refused},
    }


def _content(kind: str, model: str) -> Json:
    return {kind: {"schema": {"$ref": _SCHEMAS + model}}}
