"""The part of a site's style sheets that its pages can use, as one small sheet.

The theme brings Bootstrap and a name for each of 1,900 icons, more than nine tenths of which no page uses. A selector
stays here if the pages, or the scripts that change them, name its every class, id and element. What stands in
``:not(...)`` and the like isn't asked for, so that a selector stays too often rather than goes too often.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import tinycss2
from tinycss2.ast import AtRule, Declaration, Node, QualifiedRule

_HOLD_RULES = {"container", "layer", "media", "supports"}
_VARIABLE = re.compile(r"var\(\s*(--[\w-]+)")


def names_in_page(page: str) -> set[str]:
    """The classes, ids and elements of an HTML page."""
    values = re.findall(r"""\b(?:class|id)=(?:"([^"]*)"|'([^']*)'|([\w-]+))""", page)
    return {name for value in values for name in "".join(value).split()} | set(re.findall(r"<([a-z][\w-]*)", page))


def names_in_script(script: str) -> set[str]:
    """All that a script could mean by a class, an id or an element: each word in it."""
    return set(re.findall(r"[\w-]+", script))


def used_styles(sheet: str, names: set[str], elsewhere: str = "") -> str:
    """A style sheet without what nothing on the pages matches, without comments and without needless space.

    Args:
        sheet: the style sheet.
        names: the classes, ids and elements that there are.
        elsewhere: text that may use the sheet's custom properties and animations, such as the pages' own styles.

    Returns:
        The smaller sheet: selectors that nothing matches are gone, and so are custom properties and key frames that
        nothing refers to.
    """
    whole = list(_rules(tinycss2.parse_stylesheet(sheet, skip_comments=True, skip_whitespace=True), names))
    refers, text = _references(whole), elsewhere
    text += "".join(_written(whole, lambda name: not name.startswith("--")))
    reached, found = set(), set(_VARIABLE.findall(text))
    while found:
        reached |= found
        found = {name for each in found for name in refers.get(each, ())} - reached
    written = "".join(_written(whole, lambda name: not name.startswith("--") or name in reached))
    return _without_idle_frames(written, elsewhere)


class _Rule:
    """A rule that stays: what stands before its block, and the block, or None if it has none."""

    def __init__(self, prelude: str, content: list[_Rule | Declaration] | None) -> None:
        self.prelude, self.content = prelude, content


def _rules(nodes: Iterable[Node], names: set[str]) -> Iterator[_Rule | Declaration]:
    for node in nodes:
        if isinstance(node, Declaration):
            yield node
        elif isinstance(node, QualifiedRule):
            kept = [_compact(each) for each in _split(node.prelude) if _matches(each, names)]
            if kept:
                yield _Rule(",".join(kept), list(_rules(_block(node), names)))
        elif isinstance(node, AtRule):
            content = None
            if node.lower_at_keyword in _HOLD_RULES and node.content is not None:
                inside = tinycss2.parse_rule_list(node.content, skip_comments=True, skip_whitespace=True)
                content = list(_rules(inside, names))
            elif node.lower_at_keyword.endswith("keyframes"):
                inside = tinycss2.parse_rule_list(node.content, skip_comments=True, skip_whitespace=True)
                content = [_Rule(_compact(each.prelude), list(_rules(_block(each), names))) for each in inside]
            elif node.content is not None:
                content = list(_rules(_block(node), names))
            if content != [] and node.lower_at_keyword != "charset":
                yield _Rule(f"@{node.at_keyword} {_compact(node.prelude)}".strip(), content)
        elif node.type == "error":
            raise ValueError(f"line {node.source_line} of the styles: {node.message}")


def _block(node: QualifiedRule | AtRule) -> list[Node]:
    found = tinycss2.parse_blocks_contents(node.content, skip_comments=True, skip_whitespace=True)
    # The theme's own styles hold a few declarations that browsers skip, too.
    return [each for each in found if each.type != "error"]


def _split(prelude: list[Node]) -> list[list[Node]]:
    """The selectors of a list."""
    selectors: list[list[Node]] = [[]]
    for node in prelude:
        if node == ",":
            selectors.append([])
        else:
            selectors[-1].append(node)
    return selectors


def _matches(selector: list[Node], names: set[str]) -> bool:
    """Whether there is all that a selector asks for outside of brackets, and the parts of classes that it asks for."""
    before = None
    for node in selector:
        if node.type == "hash" or (node.type == "ident" and before != ":"):
            if node.value not in names:
                return False
        elif node.type == "[] block" and _value(node.content[0]) == "class":
            part = _value(node.content[-1])
            if not any(part in name for name in names):
                return False
        before = node
    return True


def _value(node: Node) -> str:
    return getattr(node, "value", "")


def _compact(nodes: list[Node]) -> str:
    kept = [node for node in nodes if node.type != "comment"]
    return re.sub(r"\s*\n\s*", " ", tinycss2.serialize(kept)).strip()


def _written(rules: Iterable[_Rule | Declaration], stays) -> Iterator[str]:
    for rule in rules:
        if isinstance(rule, Declaration):
            if stays(rule.name):
                # An empty custom property needs its space.
                value = _compact(rule.value) or " "
                yield f"{rule.name}:{value}{'!important' if rule.important else ''};"
        elif rule.content is None:
            yield f"{rule.prelude};"
        elif inside := "".join(_written(rule.content, stays)):
            yield f"{rule.prelude}{{{inside.removesuffix(';')}}}"


def _references(rules: Iterable[_Rule | Declaration]) -> dict[str, set[str]]:
    """The custom properties that each custom property refers to."""
    found: dict[str, set[str]] = {}
    for rule in rules:
        if isinstance(rule, Declaration):
            if rule.name.startswith("--"):
                found.setdefault(rule.name, set()).update(_VARIABLE.findall(tinycss2.serialize(rule.value)))
        else:
            for name, each in _references(rule.content or ()).items():
                found.setdefault(name, set()).update(each)
    return found


def _without_idle_frames(sheet: str, elsewhere: str) -> str:
    frames = re.compile(r"@(?:-\w+-)?keyframes ([\w-]+)\{(?:[^{}]*\{[^{}]*\})*\}")
    rest = frames.sub("", sheet) + elsewhere
    return frames.sub(lambda found: found[0] if re.search(rf"\b{re.escape(found[1])}\b", rest) else "", sheet)
