"""Routes by path, looked up segment by segment instead of scanned.

At each segment a name that a route spells out wins over a parameter (``/Workers/Statistics`` over ``/Workers/{Sid}``); where
that leads nowhere, the parameter is tried (``/Workers/Statistics/Channels`` is about a worker of that name). A parameter with
something behind it (``{Sid}.json``) takes the segments that end so.
"""

from typing import Generic, TypeVar

T = TypeVar("T")
Place = tuple[dict[str, T], list[str]]
"""What is at a path, by verb, and the values of the path's parameters in their order."""


class _Node(Generic[T]):
    def __init__(self) -> None:
        self.named: dict[str, _Node[T]] = {}
        # By what stands behind the parameter, longest first.
        self.any: dict[str, _Node[T]] = {}
        self.verbs: dict[str, T] = {}


class Tree(Generic[T]):
    """Values under a verb and a path with parameters in braces."""

    def __init__(self) -> None:
        self._root: _Node[T] = _Node()

    def add(self, verb: str, path: str, value: T) -> None:
        """Put a value under a path. Raises TypeError if it is taken."""
        node = self._root
        for segment in path.split("/")[1:]:
            if segment.startswith("{"):
                ending = segment.partition("}")[2]
                after = node.any.setdefault(ending, _Node())
                node.any = dict(sorted(node.any.items(), key=lambda item: -len(item[0])))
                node = after
            else:
                node = node.named.setdefault(segment, _Node())
        if verb in node.verbs:
            message = f"two routes for {verb} {path}"
            raise TypeError(message)
        node.verbs[verb] = value

    def find(self, segments: list[str]) -> Place[T] | None:
        """What is at a path; None for a path that has no route."""
        return _find(self._root, segments, 0)


def _find(node: _Node[T], segments: list[str], depth: int) -> Place[T] | None:
    if depth == len(segments):
        return (node.verbs, []) if node.verbs else None
    segment = segments[depth]
    if (named := node.named.get(segment)) is not None and (found := _find(named, segments, depth + 1)):
        return found
    for ending, after in node.any.items():
        if segment.endswith(ending) and (found := _find(after, segments, depth + 1)):
            found[1].insert(0, segment.removesuffix(ending))
            return found
    return None
