"""A bank account kept by the library eventsourcing: five events, and a snapshot after each second one."""

import os
import sys
from urllib.parse import urlsplit

url = urlsplit(sys.argv[1])
os.environ.update(
    PERSISTENCE_MODULE="eventsourcing.postgres",
    POSTGRES_HOST=url.hostname,
    POSTGRES_PORT=str(url.port),
    POSTGRES_USER=url.username,
    POSTGRES_PASSWORD=url.password,
    POSTGRES_DBNAME=url.path[1:],
)

from eventsourcing.application import Application  # noqa: E402
from eventsourcing.domain import Aggregate, event  # noqa: E402


class Account(Aggregate):
    @event("Opened")
    def __init__(self, owner):
        self.owner = owner
        self.balance = 0

    @event("Deposited")
    def deposit(self, amount):
        self.balance += amount

    @event("Withdrawn")
    def withdraw(self, amount):
        self.balance -= amount


class Bank(Application):
    snapshotting_intervals = {Account: 2}


bank = Bank()
account = Account("Ada Lovelace")
account.deposit(1000)
bank.save(account)
account.withdraw(250)
account.deposit(100)
bank.save(account)
other = Account("Grace Hopper")
bank.save(other)
bank.close()
