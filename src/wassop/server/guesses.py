"""Who may try how many passwords, and register how many names. Kept in memory, and bounded."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Final

from attrs import frozen

from wassop.config import Config
from wassop.core.limits import Rate, TokenBucket
from wassop.server.admission import address_of, networks_of

_FORGET_FROM: Final = 1_024
_KNOWN_ACCOUNTS: Final = 10_000
_KNOWN_ADDRESSES: Final = 8
"""Of each account; the one from which its owner came longest ago is forgotten first."""
_IPV6_HOST_BITS: Final = 64


class Buckets:
    """A bucket for each of whom something is remembered: those whose bucket is full are like new."""

    def __init__(self, rate: Rate | None) -> None:
        """Without a rate nobody waits."""
        self._rate: Final = rate
        self._buckets: Final[dict[Hashable, TokenBucket]] = {}
        self._forget_at = _FORGET_FROM

    def __len__(self) -> int:
        return len(self._buckets)

    def wait_s(self, who: Hashable, now: float) -> float:
        """How long until `who` may try again; 0: now."""
        bucket = self._buckets.get(who)
        return bucket.wait_s(now) if bucket is not None else 0.0

    def take(self, who: Hashable, now: float, count: float = 1) -> None:
        """`who` tries; a negative count gives a try back."""
        if self._rate is None:
            return
        bucket = self._buckets.get(who)
        if bucket is None:
            if len(self._buckets) >= self._forget_at:
                self._forget(now)
            bucket = self._buckets[who] = TokenBucket(self._rate, now)
        bucket.take(now, count)

    def _forget(self, now: float) -> None:
        for who, bucket in list(self._buckets.items()):
            if bucket.is_full(now):
                del self._buckets[who]
        self._forget_at = max(_FORGET_FROM, 2 * len(self._buckets))


@frozen
class Attempt:
    """One try at a password, which counted already."""

    name_key: str
    origin: Hashable
    slots: tuple[tuple[Buckets, Hashable], ...]


class Guesses:
    """Rule 1: a try counts for the account, whether there is one of that name or not, and for the address.
    Rule 2: who comes from where the owner of the account has been before has a count of its own there,
    so that nobody elsewhere locks the owner out.
    Rule 3: trusted networks have no count by address. The count by account holds for everyone.
    Rule 4: a password that was right counts for nothing.
    """

    def __init__(self, config: Config, clock: Callable[[], float]) -> None:
        """`clock` is in seconds and does not go back."""
        self._clock: Final = clock
        self._trusted: Final = networks_of(config.trust_network)
        self._by_account: Final = Buckets(config.logins_per_account)
        self._by_address: Final = Buckets(config.logins_per_address)
        self._registrations: Final = Buckets(config.registrations_per_address)
        self._known: Final[OrderedDict[str, OrderedDict[Hashable, None]]] = OrderedDict()

    def is_known(self, name_key: str, address: str) -> bool:
        """Whether the owner of that account has registered it or logged in from there before."""
        return self._origin(address)[0] in self._known.get(name_key, ())

    def begin(self, name_key: str, address: str) -> Attempt | float:
        """A try at the password of that account, from that IP address ("": from the machine itself); or how
        many seconds it must wait."""
        now, (origin, is_trusted) = self._clock(), self._origin(address)
        is_known = origin in self._known.get(name_key, ())
        slots: list[tuple[Buckets, Hashable]] = [(self._by_account, (name_key, origin if is_known else None))]
        if not is_trusted:
            slots.append((self._by_address, origin))
        wait_s = max(buckets.wait_s(who, now) for buckets, who in slots)
        if wait_s:
            return wait_s
        for buckets, who in slots:
            buckets.take(who, now)
        return Attempt(name_key, origin, tuple(slots))

    def succeed(self, attempt: Attempt) -> None:
        """The password was right: the try is given back, and the address is known."""
        for buckets, who in attempt.slots:
            buckets.take(who, self._clock(), -1)
        self._know(attempt.name_key, attempt.origin)

    def forget(self, name_key: str) -> None:
        """The account is another one's now, or nobody's: no address is known any more."""
        self._known.pop(name_key, None)

    def register(self, address: str) -> float:
        """A name is to be registered from there: it counts if the answer is 0, else it is how many seconds
        that must wait."""
        now, (origin, is_trusted) = self._clock(), self._origin(address)
        if is_trusted:
            return 0.0
        wait_s = self._registrations.wait_s(origin, now)
        if not wait_s:
            self._registrations.take(origin, now)
        return wait_s

    def own(self, name_key: str, address: str) -> None:
        """Whoever registers that name from there is the owner, and nobody was before."""
        self.forget(name_key)
        self._know(name_key, self._origin(address)[0])

    def _know(self, name_key: str, origin: Hashable) -> None:
        addresses = self._known.setdefault(name_key, OrderedDict())
        addresses[origin] = None
        addresses.move_to_end(origin)
        self._known.move_to_end(name_key)
        if len(addresses) > _KNOWN_ADDRESSES:
            addresses.popitem(last=False)
        if len(self._known) > _KNOWN_ACCOUNTS:
            self._known.popitem(last=False)

    def _origin(self, address: str) -> tuple[Hashable, bool]:
        """What counts as one address, and whether it is in a trusted network."""
        if not address:
            return "", True
        parsed = address_of(address)
        origin = str(parsed) if parsed.version == 4 else int(parsed) >> _IPV6_HOST_BITS
        return origin, any(parsed in network for network in self._trusted)
