"""People and what they may do: units, product lines, users, groups, roles, grants, delegations, tokens."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac

from roadworthy.server.access.subject import Subject
from roadworthy.server.accounts.user_rows import UserRows


class Unit(models.Model):
    """A part of the organisation; units form a tree."""

    slug = models.SlugField(unique=True)
    title = models.CharField(max_length=200)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children")
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["title"]

    def __str__(self) -> str:
        return self.title

    @property
    def subject(self) -> Subject:
        """Return how events name the unit."""
        return Subject("unit", self.slug, self.title, url="/units/")


class ProductLine(models.Model):
    """A family of systems that ships together."""

    slug = models.SlugField(unique=True)
    title = models.CharField(max_length=200)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="product_lines")
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["title"]
        verbose_name = "product line"

    def __str__(self) -> str:
        return self.title

    @property
    def subject(self) -> Subject:
        """Return how events name the product line."""
        return Subject("product line", self.slug, self.title, url="/units/")


class User(AbstractBaseUser):
    """A person. Signs in by mail address; the name is what documents and signatures show."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=200)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    external_id = models.CharField(
        max_length=200, blank=True, default="", db_comment="Id at the identity provider (SCIM)"
    )
    scim_id = models.UUIDField(null=True, blank=True, unique=True)
    scim = models.JSONField(default=dict, blank=True, db_comment="What the identity provider said, as it spelled it")
    scim_name = models.CharField(
        max_length=254, null=True, blank=True, unique=True, db_comment="userName of SCIM, folded as it is compared"
    )
    scim_removed_at = models.DateTimeField(
        null=True, blank=True, db_comment="When the identity provider deleted the person; the record stays"
    )
    session_epoch = models.PositiveIntegerField(default=1, db_comment="Raised to end every session of the person")
    theme = models.CharField(max_length=8, blank=True, default="", db_comment="light, dark, or as the device has it")
    density = models.CharField(max_length=12, blank=True, default="")
    signing_key = models.TextField(
        blank=True, default="", db_comment="Private key that signs for the person, encrypted"
    )
    signing_key_id = models.CharField(max_length=64, blank=True, default="", db_comment="Ed25519 public key, hex")
    revision = models.PositiveIntegerField(default=1)

    objects: ClassVar[UserRows] = UserRows()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        ordering = ["name", "id"]
        verbose_name = "person"
        verbose_name_plural = "people"
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_once")]
        indexes = [
            models.Index(fields=["name", "id"], name="user_name"),
            models.Index(fields=["external_id"], name="user_external_id"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def subject(self) -> Subject:
        """Return how events name the person."""
        return Subject("user", str(self.pk), self.name, url=f"/people/{self.pk}/")

    def get_full_name(self) -> str:
        """Return the name, as Django's libraries ask for it."""
        return self.name

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """Return what a session must carry: it ends with another password, and when the epoch is raised."""
        said = f"{self.password}:{self.session_epoch}"
        key = "roadworthy.server.accounts.models.User.session"
        return salted_hmac(key, said, secret=secret, algorithm="sha256").hexdigest()

    @property
    def is_staff(self) -> bool:
        """Nobody is staff in Django's sense: there is no second way in."""
        return False

    @property
    def is_superuser(self) -> bool:
        """Nobody passes all doors; roles decide."""
        return False


class Group(models.Model):
    """A set of people, made here or by the identity provider."""

    name = models.CharField(max_length=200, unique=True)
    members = models.ManyToManyField(User, blank=True, related_name="memberships")
    external_id = models.CharField(max_length=200, blank=True, default="")
    scim_id = models.UUIDField(null=True, blank=True, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def subject(self) -> Subject:
        """Return how events name the group."""
        return Subject("group", str(self.pk), self.name, url=f"/groups/{self.pk}/")


class Role(models.Model):
    """A set of permissions by a name; those that ship with the server cannot be changed."""

    slug = models.SlugField(unique=True, max_length=64)
    title = models.CharField(max_length=200)
    permissions = models.JSONField(default=list)
    built_in = models.BooleanField(default=False)
    signs = models.BooleanField(default=False, db_comment="May be named as a signer")
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["title"]

    def __str__(self) -> str:
        return self.title

    @property
    def subject(self) -> Subject:
        """Return how events name the role."""
        return Subject("role", self.slug, self.title, url=f"/roles/{self.slug}/")


class Grant(models.Model):
    """A role given to a person or a group: everywhere, or within one unit, product line or system."""

    role = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="grants")
    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, blank=True, related_name="grants")
    group = models.ForeignKey(Group, on_delete=models.CASCADE, null=True, blank=True, related_name="grants")
    unit = models.ForeignKey(Unit, on_delete=models.CASCADE, null=True, blank=True)
    product_line = models.ForeignKey(ProductLine, on_delete=models.CASCADE, null=True, blank=True)
    system_id = models.BigIntegerField(null=True, blank=True, db_comment="Primary key of a system")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(user__isnull=True, group__isnull=False) | Q(user__isnull=False, group__isnull=True),
                name="grant_to_one",
            ),
            models.CheckConstraint(
                condition=Q(unit=None, product_line=None)
                | Q(unit=None, system_id=None)
                | Q(product_line=None, system_id=None),
                name="grant_in_one_place",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} for {self.user or self.group}"

    @property
    def subject(self) -> Subject:
        """Return how events name the grant."""
        url = f"/people/{self.user_id}/" if self.user_id else f"/groups/{self.group_id}/"
        return Subject("grant", str(self.pk), str(self), url=url)


class Delegation(models.Model):
    """Somebody stands in for somebody, in one role, until a day."""

    giver = models.ForeignKey(User, on_delete=models.CASCADE, related_name="delegations_given")
    receiver = models.ForeignKey(User, on_delete=models.CASCADE, related_name="delegations_received")
    role = models.ForeignKey(Role, on_delete=models.CASCADE)
    starts = models.DateTimeField()
    ends = models.DateTimeField()
    reason = models.CharField(max_length=500)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-starts"]
        constraints = [
            models.CheckConstraint(condition=Q(ends__gt=models.F("starts")), name="delegation_ends"),
            models.CheckConstraint(condition=~Q(giver=models.F("receiver")), name="delegation_to_another"),
        ]

    def __str__(self) -> str:
        return f"{self.receiver} for {self.giver} as {self.role}"

    @property
    def subject(self) -> Subject:
        """Return how events name the delegation."""
        return Subject("delegation", str(self.pk), str(self), url="/delegations/")


class ApiToken(models.Model):
    """A token for programs: some permissions of its person, until a day. Only its digest is kept."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=100)
    digest = models.CharField(max_length=64, unique=True, db_comment="SHA-256 of the token")
    hint = models.CharField(max_length=12, db_comment="First letters, to tell tokens apart")
    permissions = models.JSONField(default=list)
    system_id = models.BigIntegerField(null=True, blank=True, db_comment="Only this system, by primary key")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        verbose_name = "token"

    def __str__(self) -> str:
        return f"{self.name} ({self.hint}...)"

    @property
    def subject(self) -> Subject:
        """Return how events name the token."""
        return Subject("token", str(self.pk), str(self), url="/tokens/")


class SetupLink(models.Model):
    """A one-time link with which somebody sets a password: the first administrator, or somebody invited."""

    digest = models.CharField(max_length=64, unique=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, blank=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)


class Kept(models.Model):
    """Something small that all processes share until it ends; see shared_cache."""

    key = models.CharField(max_length=64, primary_key=True, db_comment="SHA-256 of its name")
    value = models.TextField(db_comment="JSON")
    until = models.FloatField(db_index=True, db_comment="Seconds since 1970")
