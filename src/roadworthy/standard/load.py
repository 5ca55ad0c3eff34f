"""Load a standard from its YAML files, layer upon layer, and check it as a whole."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from roadworthy.core.digests import sha256_json
from roadworthy.core.errors import InputError, InputErrors, Place
from roadworthy.core.model import FileModel, build_model, read_model
from roadworthy.core.names import did_you_mean
from roadworthy.core.yaml_file import load_yaml
from roadworthy.standard.frameworks_index import known_references
from roadworthy.standard.model import (
    Authority,
    Control,
    Header,
    Reference,
    RegulatoryRule,
    Requirement,
    Standard,
    TierRule,
)
from roadworthy.standard.predicate import Predicate, load_predicate

DEFAULT = Path(__file__).parent / "default"
Item = TypeVar("Item", TierRule, RegulatoryRule, Control, Requirement)
SECTIONS: dict[str, type[FileModel]] = {
    "tier_rules": TierRule,
    "regulatory_rules": RegulatoryRule,
    "controls": Control,
    "requirements": Requirement,
}


@dataclass(frozen=True)
class Layer:
    """The files of one layer, read but not yet merged."""

    header: Header
    items: dict[str, dict[str, Any]]
    """Section -> id -> model."""
    places: dict[tuple[str, str], Place]


@dataclass(frozen=True)
class LoadedStandard:
    """A standard with its checked predicates, ready to judge by."""

    standard: Standard
    digest: str
    predicates: dict[str, Predicate]
    """By source text."""
    places: dict[tuple[str, str], Place] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Id and version, as reports show it."""
        return f"{self.standard.id} {self.standard.version}"

    def place(self, requirement: str) -> Place | None:
        """Return where a requirement is written, when the standard came from files."""
        return self.places.get(("requirements", requirement))


def load_standard(layers: Iterable[Path] = ()) -> LoadedStandard:
    """Load the default standard and lay the directories `layers` over it, lowest first.

    A layer's item replaces the lower one of the same id; `remove` in its header takes requirements away.
    Raises InputErrors on any bad file, unknown control, role, framework reference or predicate.
    """
    read = [read_layer(DEFAULT), *(read_layer(directory) for directory in layers)]
    merged: dict[str, dict[str, Any]] = {section: {} for section in SECTIONS}
    places: dict[tuple[str, str], Place] = {}
    authority = Authority()
    lower: str | None = None
    for layer in read:
        _check_extends(layer, lower)
        for section, items in layer.items.items():
            merged[section].update(items)
        places |= layer.places
        for removed in layer.header.remove:
            if merged["requirements"].pop(removed, None) is None:
                raise InputError(
                    f"'remove' names the requirement {removed!r}, which the lower layers do not have",
                    place=layer.places[("header", "")],
                    remedy=did_you_mean(removed, merged["requirements"]),
                )
        authority = _merge_authority(authority, layer.header.authority)
        lower = layer.header.standard
    top = read[-1].header
    if not merged["requirements"]:
        raise InputError(
            f"{top.standard} {top.version} has no requirement left",
            place=read[-1].places[("header", "")],
            remedy="An empty set of requirements is not a pass: add some, or remove fewer.",
        )
    standard = Standard(
        id=top.standard,
        version=top.version,
        title=top.title,
        published=top.published,
        layers=[f"{layer.header.standard} {layer.header.version}" for layer in read],
        authority=authority,
        slas=top.slas if top.slas.model_fields_set else read[0].header.slas,
        **{section: list(items.values()) for section, items in merged.items()},
    )
    return seal_standard(standard, places)


def default_digest() -> str:
    """Return the digest of the default standard that this version ships; it is loaded once for each content."""
    files = sorted(DEFAULT.rglob("*.yaml"))
    return _digest_of(tuple((str(path), path.read_bytes()) for path in files))


@lru_cache(maxsize=2)
def _digest_of(files: tuple[tuple[str, bytes], ...]) -> str:
    """Load the default standard; `files`, all that its digest depends on, are what it is remembered by."""
    del files
    return load_standard().digest


def seal_standard(standard: Standard, places: Mapping[tuple[str, str], Place] | None = None) -> LoadedStandard:
    """Check a standard as a whole and compile its predicates."""
    known = dict(places or {})
    errors = _check_whole(standard, known)
    predicates: dict[str, Predicate] = {}
    for section, id_, source in _predicate_sources(standard):
        try:
            predicates[source] = load_predicate(source, known.get((section, id_)))
        except InputError as error:
            errors.append(error)
    if errors:
        raise InputErrors(errors)
    return LoadedStandard(standard, sha256_json(standard_value(standard)), predicates, known)


def standard_value(standard: Standard) -> dict[str, Any]:
    """Return the standard as plain JSON values; its canonical JSON is what the digest covers."""
    return standard.model_dump(mode="json", by_alias=True)


def read_layer(directory: Path) -> Layer:
    """Read every YAML file of one layer; tests/ is left to the policy tests."""
    header_file = directory / "standard.yaml"
    if not header_file.is_file():
        raise InputError(
            "a standard needs the file standard.yaml",
            place=Place(directory),
            remedy="Name the directory that holds it, or write one: standard, version, title, extends.",
        )
    header = read_model(Header, header_file)
    items: dict[str, dict[str, Any]] = {section: {} for section in SECTIONS}
    places: dict[tuple[str, str], Place] = {("header", ""): Place(header_file)}
    errors: list[InputError] = []
    for path in sorted(directory.rglob("*.yaml")):
        if path == header_file or "tests" in path.relative_to(directory).parts:
            continue
        try:
            _read_sections(path, items, places)
        except InputErrors as error:
            errors += error.errors
        except InputError as error:
            errors.append(error)
    if errors:
        raise InputErrors(errors)
    return Layer(header, items, places)


def _read_sections(path: Path, items: dict[str, dict[str, Any]], places: dict[tuple[str, str], Place]) -> None:
    source = load_yaml(path)
    if not isinstance(source.value, dict):
        raise InputError("expected sections here", place=Place(path), remedy=f"Known: {', '.join(SECTIONS)}.")
    errors: list[InputError] = []
    for section, entries in source.value.items():
        if section not in SECTIONS:
            raise InputError(
                f"unknown section {section!r}",
                place=source.place((section,)),
                remedy=did_you_mean(section, SECTIONS),
            )
        if entries is not None and not isinstance(entries, list):
            raise InputError(
                f"{section!r} must be a list", place=source.place((section,)), remedy="Begin each item with '- '."
            )
        for position in range(len(entries or [])):
            try:
                item: Any = build_model(SECTIONS[section], source, (section, position))
                _keep(section, item, items)
                places[(section, item.id)] = source.place((section, position))
            except InputErrors as error:
                errors += error.errors
            except _Twice as twice:
                errors.append(
                    InputError(
                        f"the id {twice.id!r} occurs twice in this layer",
                        place=source.place((section, position)),
                        remedy=f"It is also in {places[(section, twice.id)]}; rename one.",
                    )
                )
    if errors:
        raise InputErrors(errors)


class _Twice(Exception):
    def __init__(self, id_: str) -> None:
        self.id = id_


def _keep(section: str, item: Any, items: dict[str, dict[str, Any]]) -> None:
    if item.id in items[section]:
        raise _Twice(item.id)
    items[section][item.id] = item


def _check_extends(layer: Layer, lower: str | None) -> None:
    if layer.header.extends != lower:
        raise InputError(
            f"this layer extends {layer.header.extends!r}, but it lies on {lower!r}",
            place=layer.places[("header", "")],
            remedy=f"Write 'extends: {lower}'." if lower else "Remove 'extends' from the lowest layer.",
        )


def _merge_authority(lower: Authority, upper: Authority) -> Authority:
    roles = {role.id: role for role in [*lower.roles, *upper.roles]}
    signers = {signer.key: signer for signer in [*lower.signers, *upper.signers]}
    return Authority(
        roles=list(roles.values()),
        signers=list(signers.values()),
        exception_roles={**lower.exception_roles, **upper.exception_roles},
        tier_roles=upper.tier_roles or lower.tier_roles,
        change_roles=upper.change_roles or lower.change_roles,
    )


def _predicate_sources(standard: Standard) -> Iterable[tuple[str, str, str]]:
    for tier_rule in standard.tier_rules:
        yield "tier_rules", tier_rule.id, tier_rule.when
    for rule in standard.regulatory_rules:
        yield "regulatory_rules", rule.id, rule.when
    for requirement in standard.requirements:
        yield "requirements", requirement.id, requirement.when
        if requirement.declared:
            yield "requirements", requirement.id, requirement.declared


def _check_whole(standard: Standard, places: dict[tuple[str, str], Place]) -> list[InputError]:
    errors: list[InputError] = []
    controls = {control.id for control in standard.controls}
    roles = {role.id for role in standard.authority.roles}
    for requirement in standard.requirements:
        place = places.get(("requirements", requirement.id))
        if requirement.control not in controls:
            errors.append(
                InputError(
                    f"requirement {requirement.id!r} names the control {requirement.control!r}, which does not exist",
                    place=place,
                    remedy=did_you_mean(requirement.control, controls),
                )
            )
        if requirement.sign_off and requirement.sign_off.role not in roles:
            errors.append(
                InputError(
                    f"requirement {requirement.id!r} asks for the unknown role {requirement.sign_off.role!r}",
                    place=place,
                    remedy=did_you_mean(requirement.sign_off.role, roles),
                )
            )
        errors += _check_references(requirement.maps, f"requirement {requirement.id!r}", place)
    for control in standard.controls:
        errors += _check_references(control.maps, f"control {control.id!r}", places.get(("controls", control.id)))
    return errors


def _check_references(references: Iterable[Reference], owner: str, place: Place | None) -> list[InputError]:
    known = known_references()
    errors = []
    for reference in references:
        version = known.get((reference.framework, reference.version))
        if version is None:
            names = {f"{framework} {number}" for framework, number in known}
            asked = f"{reference.framework} {reference.version}"
            errors.append(
                InputError(
                    f"{owner} maps to unknown framework {asked!r}",
                    place=place,
                    remedy=did_you_mean(asked, names),
                )
            )
        elif reference.id not in version:
            errors.append(
                InputError(
                    f"{owner} maps to {reference.id!r}, which {reference.framework} {reference.version} does not have",
                    place=place,
                    remedy=did_you_mean(reference.id, version),
                )
            )
    return errors


def layer_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a file with tier rules, regulatory rules, controls or requirements."""

    class LayerFile(FileModel):
        tier_rules: list[TierRule] = []
        regulatory_rules: list[RegulatoryRule] = []
        controls: list[Control] = []
        requirements: list[Requirement] = []

    schema = LayerFile.model_json_schema(by_alias=True)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": "a file of a standard",
    }
