"""What differs between the series of Odoo, in one table.

Everything else in this addon is the same on 16.0, 17.0, 18.0 and 19.0 and asks this table, never the version.
"""
from collections import namedtuple

import psycopg2

from odoo import exceptions, release

Series = namedtuple("Series", [
    "number",          # the major version
    "list_view",       # the element (and view mode) of a list
    "cron_values",     # what a scheduled action needs so that it runs for ever
    "may_read",        # whether the user may read a model at all: a function of the model
])


def _check_access_rights(model):
    return model.check_access_rights("read", raise_exception=False)


def _has_access(model):
    return model.has_access("read")


_FOR_EVER = {"numbercall": "-1"}

_TABLE = {
    16: Series(16, "tree", _FOR_EVER, _check_access_rights),
    17: Series(17, "tree", _FOR_EVER, _check_access_rights),
    18: Series(18, "list", {}, _has_access),
    19: Series(19, "list", {}, _has_access),
}


def _number():
    # Odoo Online calls its own versions "saas~18.2": they behave like the series that they belong to.
    return int(str(release.version_info[0]).replace("saas~", "").split(".")[0])


SERIES = _TABLE[max(min(_number(), max(_TABLE)), min(_TABLE))]

# Errors that say nothing about the operation: somebody else was faster (the transaction's snapshot is out of date, and
# no savepoint can renew it), or the connection is lost. They must never be answered as an operation's own failure.
# After those of the first kind Odoo runs the whole call again.
RETRIED = tuple(error for error in (
    psycopg2.OperationalError, psycopg2.InterfaceError, getattr(exceptions, "ConcurrencyError", None)) if error)

# From 19 on, business code can say that a record is locked by somebody else; Odoo shows that to a person, and does not
# try again by itself as it does after the second error.
LOCKED = getattr(exceptions, "LockError", ())
TRY_AGAIN = getattr(exceptions, "ConcurrencyError", None)
