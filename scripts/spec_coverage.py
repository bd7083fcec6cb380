"""Compare what this server serves with one of the vendor's OpenAPI files: which operations, parameters and answer fields are missing.

``python scripts/spec_coverage.py FILE PRODUCT [PART]``; PART is a piece of a path or of an operation's name. Exits with 1 if
something is missing, with 2 if there is nothing to compare. What we have and the file has not is no fault.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from cordboard.rest.openapi import document
from cordboard.server.compose import PRODUCTS

_VERBS = ("get", "post", "put", "patch", "delete")
_MISSING, _NOTHING = 1, 2


class Spec:
    """An OpenAPI document: its operations by verb and path, in which names of parameters do not count."""

    def __init__(self, document: Any, prefix: str = "") -> None:  # noqa: ANN401 - JSON
        self._document = document
        self.operations: dict[tuple[str, str], Any] = {
            (verb, re.sub(r"\{\w+\}", "{}", path.removeprefix(prefix))): item[verb]
            for path, item in document["paths"].items()
            if path.startswith(prefix)
            for verb in _VERBS
            if verb in item
        }

    def parameters(self, operation: Any) -> set[str]:  # noqa: ANN401 - JSON
        """All that a caller may say beside the path."""
        listed = {row["name"] for row in map(self._whole, operation.get("parameters", ())) if row["in"] != "path"}
        for content in self._whole(operation.get("requestBody", {})).get("content", {}).values():
            listed |= set(self.fields(content["schema"]))
        return listed

    def answer(self, operation: Any) -> set[str]:  # noqa: ANN401 - JSON
        """The fields of a successful answer, with dots where one is in another and ``[]`` for the items of a list."""
        found = set()
        for status, response in operation["responses"].items():
            if str(status).startswith("2"):
                for content in self._whole(response).get("content", {}).values():
                    found |= set(self.fields(content["schema"]))
        return found

    def fields(self, schema: Any) -> Iterator[str]:  # noqa: ANN401 - JSON
        """The names in a schema, at any depth."""
        schema = self._whole(schema)
        for choice in (*schema.get("anyOf", ()), *schema.get("allOf", ())):
            yield from self.fields(choice)
        if "items" in schema:
            yield from (f"[]{name}" if name.startswith("[]") else f"[].{name}" for name in self.fields(schema["items"]))
        for name, inner in schema.get("properties", {}).items():
            yield name
            yield from (f"{name}{deep}" if deep.startswith("[]") else f"{name}.{deep}" for deep in self.fields(inner))

    def _whole(self, node: Any) -> Any:  # noqa: ANN401 - JSON
        while "$ref" in node:
            place = self._document
            for part in node["$ref"].removeprefix("#/").split("/"):
                place = place[part]
            node = place
        return node


def missing(theirs: Spec, ours: Spec, part: str = "") -> tuple[int, list[str]]:
    """How many of their operations were looked at, and a sentence for each thing that we do not have."""
    count, sentences = 0, []
    for (verb, path), wanted in theirs.operations.items():
        name = wanted["operationId"]
        if part.lower() not in name.lower() and part.lower() not in path.lower():
            continue
        count += 1
        found = ours.operations.get((verb, path))
        if found is None or found.get("x-cordboard-built") is False:
            sentences.append(f"{name}: {verb.upper()} {path} is not built")
            continue
        sentences += [
            f"{name}: no parameter {one}" for one in sorted(theirs.parameters(wanted) - ours.parameters(found))
        ]
        sentences += [f"{name}: no answer field {one}" for one in sorted(theirs.answer(wanted) - ours.answer(found))]
    return count, sentences


def main(arguments: list[str]) -> int:
    """Print what is missing."""
    if len(arguments) not in {2, 3} or arguments[1] not in {product.name for product in PRODUCTS}:
        names = ", ".join(product.name for product in PRODUCTS)
        sys.stderr.write(f"make coverage SPEC=<the vendor's OpenAPI file> PRODUCT=<{names}> [PART=<text>]\n")
        return _NOTHING
    file, product, *part = arguments
    # The safe loader in C, ten times as fast as the other.
    theirs = Spec(yaml.load(Path(file).read_text(), Loader=yaml.CSafeLoader))
    count, sentences = missing(theirs, Spec(document(PRODUCTS), f"/{product}"), *part)
    sys.stdout.writelines(f"{sentence}\n" for sentence in sentences)
    sys.stdout.write(f"{count} operations compared, {len(sentences)} things missing\n")
    return _NOTHING if not count else _MISSING if sentences else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
