"""Write docs/coverage.md from the route tables: what of each product is built, by operation name."""

import sys
from pathlib import Path

from cordboard.rest.routes import Product, Route
from cordboard.server.compose import PRODUCTS

PAGE = Path(__file__).parent.parent / "docs" / "coverage.md"

HEAD = """# What is built

Every operation of the vendor's published API files for these products, from the tables that the server itself routes by. An
operation that is not built answers 501 with its name, after the caller was authenticated. Parameters that are not built are
listed in [differences](differences.md); a call that uses one is refused with 501 and says which. `make docs` writes this page.
"""

NAMES = {
    "flex-api": "Flex",
    "taskrouter": "TaskRouter",
    "conversations": "Conversations",
    "api": "Core",
    "iam": "IAM",
    "accounts": "Accounts",
    "cordboard": "Cordboard's own",
}


def page() -> str:
    """The page's text."""
    parts = [HEAD, "| product | built | of |\n|---|---:|---:|"]
    for product in PRODUCTS:
        parts[-1] += f"\n| [{_name(product)}](#{_name(product).lower().replace(' ', '-').replace(chr(39), '')}) "
        parts[-1] += f"| {sum(isinstance(row, Route) for row in product.routes)} | {len(product.routes)} |"
    parts += [_section(product) for product in PRODUCTS]
    return "\n\n".join(part.strip("\n") for part in parts) + "\n"


def _section(product: Product) -> str:
    rows = [
        f"| {row.operation} | `{row.verb} {row.path}` | {'built' if isinstance(row, Route) else ''} |"
        for row in sorted(product.routes, key=lambda row: (row.path, row.verb))
    ]
    return "\n".join([f"## {_name(product)}", "", "| operation | call | |", "|---|---|---|", *rows])


def _name(product: Product) -> str:
    return NAMES[product.name]


if __name__ == "__main__":
    PAGE.write_text(page())
    sys.stdout.write(f"{PAGE.name}: {sum(len(product.routes) for product in PRODUCTS)} operations\n")
