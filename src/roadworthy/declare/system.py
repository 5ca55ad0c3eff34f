"""The declared system: `roadworthy.yaml` as types. Absent facts have stated defaults, never silent ones."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints, model_validator

from roadworthy.core.model import FileModel

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]
Text = Annotated[str, StringConstraints(min_length=1, max_length=20_000, strip_whitespace=True)]


class Kind(StrEnum):
    """What sort of system this is."""

    ASSISTANT = "assistant"
    RAG = "rag"
    AGENT = "agent"
    RECOMMENDER = "recommender"
    RANKER = "ranker"
    CLASSIFIER = "classifier"
    AUTOMATED_DECISION = "automated-decision"


class Effect(StrEnum):
    """What a tool can do: read, write inside the company's systems, or act on the outside world."""

    READ = "read"
    WRITE = "write"
    EXTERNAL = "external"


class Approval(StrEnum):
    """Whether a person approves each call of a tool."""

    NONE = "none"
    HUMAN = "human"


class DataUse(StrEnum):
    """What a data source is used for."""

    TRAINING = "training"
    TUNING = "tuning"
    RETRIEVAL = "retrieval"
    EVALUATION = "evaluation"
    INPUT = "input"


class Autonomy(StrEnum):
    """How far the system acts by itself."""

    SUGGESTS = "suggests"
    ACTS_WITH_APPROVAL = "acts-with-approval"
    ACTS = "acts"


class Influence(StrEnum):
    """How the output bears on a decision about a person."""

    NONE = "none"
    INFORMS = "informs"
    RECOMMENDS = "recommends"
    DECIDES = "decides"


class Domain(StrEnum):
    """The area of life the system works in; the regulated ones carry their own names."""

    GENERAL = "general"
    CUSTOMER_SUPPORT = "customer-support"
    PRODUCTIVITY = "productivity"
    SOFTWARE = "software"
    MARKETING = "marketing"
    COMMERCE = "commerce"
    BIOMETRICS = "biometrics"
    CRITICAL_INFRASTRUCTURE = "critical-infrastructure"
    EDUCATION = "education"
    EMPLOYMENT = "employment"
    CREDIT = "credit"
    INSURANCE = "insurance"
    HOUSING = "housing"
    HEALTH = "health"
    PUBLIC_BENEFITS = "public-benefits"
    EMERGENCY_SERVICES = "emergency-services"
    LAW_ENFORCEMENT = "law-enforcement"
    MIGRATION = "migration"
    JUSTICE = "justice"
    ELECTIONS = "elections"
    LEGAL_ADVICE = "legal-advice"


class Practice(StrEnum):
    """Practices that law or policy singles out; declare each that the system does."""

    SUBLIMINAL_MANIPULATION = "subliminal-manipulation"
    EXPLOITING_VULNERABILITY = "exploiting-vulnerability"
    SOCIAL_SCORING = "social-scoring"
    CRIME_PREDICTION_BY_PROFILING = "crime-prediction-by-profiling"
    UNTARGETED_FACE_SCRAPING = "untargeted-face-scraping"
    EMOTION_INFERENCE_AT_WORK_OR_SCHOOL = "emotion-inference-at-work-or-school"
    SENSITIVE_BIOMETRIC_CATEGORISATION = "sensitive-biometric-categorisation"
    REAL_TIME_REMOTE_BIOMETRIC_ID = "real-time-remote-biometric-id"
    NON_CONSENSUAL_INTIMATE_MATERIAL = "non-consensual-intimate-material"
    PROFILING = "profiling"
    EMOTION_RECOGNITION = "emotion-recognition"
    SYNTHETIC_MEDIA = "synthetic-media"


class Owner(FileModel):
    """Who answers for the system."""

    team: Text
    contact: Text
    accountable: Text | None = None
    """The person who signs for the system."""


class Users(FileModel):
    """Who uses the system or is affected by it."""

    who: list[Text] = Field(min_length=1)
    reach: Text | None = None
    """How many, for example 200000/month."""
    monthly: int = Field(default=0, ge=0)
    """People reached a month; 0 when unknown."""
    vulnerable: list[Text] = []
    """Vulnerable groups among them, for example minors."""
    internal_only: bool = False


class ModelPart(FileModel):
    """A model that the system calls."""

    id: Slug
    provider: Text
    name: Text
    version: Text | None = None
    digest: Text | None = None
    """SHA-256 of the weights, where they are at hand."""
    licence: Text | None = None
    hosting: Text | None = None
    fine_tuned: bool = False
    vendor: Slug | None = None


class PromptPart(FileModel):
    """A prompt that the system sends; its content is part of the fingerprint."""

    id: Slug
    file: Text | None = None
    """Path beside roadworthy.yaml."""
    text: Text | None = None

    @model_validator(mode="after")
    def _one_source(self) -> PromptPart:
        if (self.file is None) == (self.text is None):
            raise ValueError("a prompt has either a 'file' or a 'text'")
        return self


class ToolPart(FileModel):
    """A tool that the system may call."""

    id: Slug
    effect: Effect
    reversible: bool = False
    approval: Approval = Approval.NONE
    permissions: list[Text] = []
    description: Text | None = None


class DataPart(FileModel):
    """A data source, with where it comes from and on what terms."""

    id: Slug
    use: DataUse
    source: Text | None = None
    licence: Text | None = None
    personal: bool = False
    special_category: bool = False
    """Health, ethnicity, religion and the like (GDPR Art. 9)."""
    untrusted: bool = False
    """Content that outsiders can write, such as mail or web pages."""
    lineage: list[Text] = []
    digest: Text | None = None


class Vendor(FileModel):
    """A company that supplies a part of the system."""

    id: Slug
    supplies: Text
    terms: Text | None = None


class Environment(FileModel):
    """A place where the system runs."""

    id: Slug
    endpoint: Text | None = None


class Monitor(FileModel):
    """A signal that is watched once the system runs."""

    id: Slug
    signal: Text
    """drift, safety, fairness, abuse, policy, cost, latency, quality."""
    owner: Text | None = None
    alert: Text | None = None


class Decision(FileModel):
    """How the output bears on people."""

    about_people: bool = False
    influence: Influence = Influence.NONE
    consequential: bool = False
    """Legal or similarly significant effects: credit, a job, housing, liberty, health, schooling."""
    human_review: bool = False
    """A competent person reviews each adverse decision before it takes effect."""
    explanation: bool = False
    """People affected get the reasons."""


class Exposure(FileModel):
    """What the public meets."""

    public: bool = False
    discloses_ai: bool = False
    generates: list[Text] = []
    """text, image, audio, video, code."""
    marks_synthetic: bool = False


class System(FileModel):
    """One AI system as its team declares it (`roadworthy.yaml`)."""

    roadworthy: int = Field(default=1, ge=1, le=1)
    """Version of this format."""
    system: Slug
    """Id of the system; does not change."""
    release: Text = "unreleased"
    """Name of the version that is meant to ship."""
    title: Text | None = None
    kind: Kind
    purpose: Text
    intended_use: list[Text] = []
    excluded_use: list[Text] = []
    owner: Owner
    product_line: Text | None = None
    domain: Domain = Domain.GENERAL
    users: Users
    decision: Decision = Decision()
    exposure: Exposure = Exposure()
    autonomy: Autonomy = Autonomy.SUGGESTS
    regions: list[Text] = Field(min_length=1)
    """ISO country codes, or EU; for example [EU, US]."""
    segments: list[Text] = []
    practices: list[Practice] = []
    environments: list[Environment] = []
    models: list[ModelPart] = Field(min_length=1)
    prompts: list[PromptPart] = []
    tools: list[ToolPart] = []
    data: list[DataPart] = []
    vendors: list[Vendor] = []
    monitors: list[Monitor] = []
    guard: dict[str, str | int | float | bool] = {}
    """Guard policy in force, as settings."""
    settings: dict[str, str | int | float | bool] = {}
    """Sampling and other settings that change behaviour, for example temperature."""
    launch: date | None = None
    """Planned day of launch."""

    @model_validator(mode="after")
    def _ids_are_unique(self) -> System:
        for kind in ("models", "prompts", "tools", "data", "vendors", "environments", "monitors"):
            ids = [part.id for part in getattr(self, kind)]
            twice = sorted({i for i in ids if ids.count(i) > 1})
            if twice:
                raise ValueError(f"the id {twice[0]!r} occurs twice in '{kind}'")
        return self
