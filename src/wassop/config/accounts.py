"""The settings that are about accounts."""

from attrs import field, frozen

from wassop.config.checks import between, rate
from wassop.core.limits import Rate


@frozen
class AccountSettings:
    """A part of `Config`. Of each rate, 0: no bound."""

    registration: bool = True
    """Visitors may register their names themselves; otherwise only `wassop account add` does."""
    registrations_per_address_per_h: float = field(default=10.0, validator=between(0))
    """So many names at once and so many an hour are registered from one address."""
    logins_per_account_per_s: float = field(default=0.1, validator=between(0))
    logins_per_account_burst: int = field(default=10, validator=between(1))
    """So many wrong passwords at once and so many a second are tried for one name. Addresses from which its
    owner has registered it or logged in before have counts of their own."""
    logins_per_address_per_s: float = field(default=0.5, validator=between(0))
    logins_per_address_burst: int = field(default=30, validator=between(1))
    """And from one address, whatever the names."""
    password_hash_kib: int = field(default=19_456, validator=between(8, 4_194_304))
    password_hash_passes: int = field(default=2, validator=between(1, 1_000))
    """What argon2id takes for one password, of memory and of time. When they change, each password is hashed
    anew at its owner's next login."""
    kept_messages: int = field(default=100, validator=between(0))
    """So many private messages wait for one account whose owner is not here."""

    @property
    def logins_per_account(self) -> Rate | None:
        """How fast passwords may be tried for one name."""
        return rate(self.logins_per_account_per_s, self.logins_per_account_burst)

    @property
    def logins_per_address(self) -> Rate | None:
        """How fast passwords may be tried from one address."""
        return rate(self.logins_per_address_per_s, self.logins_per_address_burst)

    @property
    def registrations_per_address(self) -> Rate | None:
        """How fast names may be registered from one address."""
        per_h = self.registrations_per_address_per_h
        return rate(per_h / 3_600, max(1, int(per_h)))
