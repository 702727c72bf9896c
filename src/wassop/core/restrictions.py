"""Bans and mutes: of whom, why, and until when.

Rule 1: one by name holds for all names that look like it; one of an account whatever the address; one of a
network for everybody who comes from there.
Rule 2: it ends when its time has come, without anybody doing anything.
Rule 3: it holds only for those whom its author stood above, whatever they are called: nobody is kept out by
somebody lower because a name looks like theirs, or because they share a network.
"""

import ipaddress
from collections.abc import Iterator
from enum import StrEnum

from attrs import define, field, frozen

from wassop.core.accounts import Account
from wassop.core.names import UserName, skeleton, user_name
from wassop.core.refusals import Code, Refused
from wassop.core.roles import Standing, outranks
from wassop.core.session import Session


class Kind(StrEnum):
    """What is not allowed; the values are stable and stand in the record."""

    BAN = "ban"
    MUTE = "mute"


class By(StrEnum):
    """How it is known whom it concerns; the values are stable."""

    NAME = "who"
    ACCOUNT = "account"
    NETWORK = "network"


@frozen
class Target:
    """Whom a restriction concerns."""

    by: By
    text: str = field(eq=False)
    """As people read it."""
    key: str


@frozen
class Restriction:
    """Times in Unix seconds; without `until` it has no end."""

    kind: Kind
    target: Target
    author: UserName
    rank: Standing
    """Where the author stood."""
    at: float
    until: float | None = None
    reason: str = ""

    def holds(self, now: float) -> bool:
        """Whether it has not ended yet."""
        return self.until is None or now < self.until


def target_of(by: By, text: str) -> Target | Refused:
    """Whom somebody means; networks as `10.0.0.0/8`, single addresses too."""
    if by is By.NETWORK:
        try:
            network = ipaddress.ip_network(text.strip(), strict=False)
        except ValueError:
            return Refused(Code.BAD_NETWORK, {"network": text})
        return Target(by, str(network), str(network))
    name = user_name(text)
    if isinstance(name, Refused):
        return name
    return target_named(name) if by is By.NAME else Target(by, name.text, name.key)


def target_named(name: UserName) -> Target:
    """Whoever has that name, or one that looks like it."""
    return Target(By.NAME, name.text, name.skeleton or skeleton(name.text))


def concerns(target: Target, session: Session) -> bool:
    """Whether `session`, which has a name, is meant."""
    match target.by:
        case By.NAME:
            return session.name is not None and target_named(session.name) == target
        case By.ACCOUNT:
            return session.account is not None and session.account.name.key == target.key
        case By.NETWORK:
            return bool(session.address) and _address(session.address) in ipaddress.ip_network(target.key)


@define(eq=False)
class Restrictions:
    """Those of one room, or of the whole server."""

    _all: dict[tuple[Kind, Target], Restriction] = field(factory=dict)
    _networks: dict[Target, ipaddress.IPv4Network | ipaddress.IPv6Network] = field(factory=dict)
    """Those that are banned: mutes are by name."""

    def __len__(self) -> int:
        return len(self._all)

    def add(self, restriction: Restriction) -> None:
        """From now on; it takes the place of one of the same kind and target."""
        target = restriction.target
        self._all.pop((restriction.kind, target), None)
        self._all[restriction.kind, target] = restriction
        if target.by is By.NETWORK and target not in self._networks:
            self._networks[target] = ipaddress.ip_network(target.key)

    def lift(self, kind: Kind, target: Target) -> Restriction | None:
        """Take one back; None when there is none."""
        lifted = self._all.pop((kind, target), None)
        if kind is Kind.BAN:
            self._networks.pop(target, None)
        return lifted

    def named(self, kind: Kind, target: Target, now: float) -> Restriction | None:
        """The one of that kind and target, if it still holds for anybody."""
        found = self._all.get((kind, target))
        return found if found is not None and found.holds(now) else None

    def concerning(
        self,
        kind: Kind,
        session: Session,
        name: UserName,
        standing: Standing,
        now: float,
        account: Account | None = None,
    ) -> Restriction | None:
        """What of that kind holds for `session` under that name, where it stands so; with `account`: if it
        were the owner of that."""
        targets, account = [target_named(name)], account or session.account
        if account is not None:
            targets.append(Target(By.ACCOUNT, "", account.name.key))
        if self._networks and session.address:
            address = _address(session.address)
            targets += [target for target, network in self._networks.items() if address in network]
        for target in targets:
            found = self.named(kind, target, now)
            if found is not None and outranks(found.rank, standing):
                return found
        return None

    def forget_ended(self, now: float) -> None:
        """Keep only those that still hold."""
        for ended in [r for r in self._all.values() if not r.holds(now)]:
            self.lift(ended.kind, ended.target)

    def holding(self, now: float) -> Iterator[Restriction]:
        """Those that still hold, the oldest first."""
        return (restriction for restriction in self._all.values() if restriction.holds(now))


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    address = ipaddress.ip_address(text.partition("%")[0])
    return getattr(address, "ipv4_mapped", None) or address
