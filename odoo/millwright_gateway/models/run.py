"""What becomes of one operation while it is carried out, and how results and failures are put into an answer."""
import datetime
import logging
import math

import psycopg2

from odoo import exceptions, fields, models

from .operation import canonical

_logger = logging.getLogger(__name__)

MAXIMUM_MESSAGE = 500
MAXIMUM_ANSWER = 200_000


class Refused(Exception):
    """This operation must not or cannot be executed."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code
        self.message = message


class Run:
    """What becomes of one operation."""

    def __init__(self, operation):
        self.operation = operation
        self.status = None
        self.code = self.message = None
        self.duration = 0
        self.clear()

    def clear(self):
        self.results = {}
        self.answer = {}
        self.reference = None
        self.window = None
        self.is_finished = False

    def refuse(self, error):
        self.clear()
        self.status = "refused"
        self.reference = self.operation.reference
        self.code, self.message = judge(error)

    def succeed(self):
        self.status = "done"

    def defer(self):
        self.status, self.code, self.message = "deferred", "time_budget", "the time allowed was used up"

    def hold(self):
        self.status, self.code = "held", "lane_held"
        self.message = "an earlier operation of the lane \"%s\" was not executed" % self.operation.lane

    def ids(self, step):
        """The record ids of a step, references filled in."""
        given = step.given["ids"]
        found = self.fill(given)
        return list(dict.fromkeys(found))

    def fill(self, value):
        if isinstance(value, dict):
            if len(value) == 1:
                (name, target), = value.items()
                if name == "$ids":
                    return list(self.results[target])
                if name == "$":
                    ids = self.results[target]
                    if len(ids) != 1:
                        raise Refused("not_found", "\"%s\" stands for %d records, not for one" % (target, len(ids)))
                    return ids[0]
            return {name: self.fill(part) for name, part in value.items()}
        if isinstance(value, list):
            return [self.fill(part) for part in value]
        return value

    def keep(self, alias, ids, answer):
        """Keeps what a step found or made, for later steps and for the answer."""
        self.results[alias] = ids
        self.answer[alias] = answer
        if len(canonical(self.answer)) > MAXIMUM_ANSWER:
            raise Refused("too_large", "with \"%s\" the answer would be longer than %d bytes" % (alias, MAXIMUM_ANSWER))

    def note(self, model, ids):
        if self.reference is None and ids:
            self.reference = "%s,%d" % (model, ids[0])


def judge(error):
    """The code and the words of a failure. AccessError and its kin are user errors too, so the order matters."""
    if isinstance(error, Refused):
        return error.code, storable(error.message)[:MAXIMUM_MESSAGE]
    kinds = (
        (exceptions.AccessError, "rights"), (exceptions.AccessDenied, "rights"), (exceptions.MissingError, "gone"),
        (exceptions.ValidationError, "constraint"), (exceptions.UserError, "business_rule"),
        (exceptions.RedirectWarning, "business_rule"), (psycopg2.IntegrityError, "constraint"),
        (psycopg2.DataError, "constraint"), ((ValueError, TypeError, KeyError, AttributeError), "bad_request"),
    )
    code = next((code for kind, code in kinds if isinstance(error, kind)), "server_error")
    if code in ("bad_request", "server_error"):
        _logger.warning("an operation failed inside Odoo", exc_info=error)
    text = str(error.args[0]) if error.args else type(error).__name__
    if code in ("bad_request", "server_error"):
        text = "%s: %s" % (type(error).__name__, text)
    return code, storable(text)[:MAXIMUM_MESSAGE]


def words(value):
    return "\"%s\"" % value if isinstance(value, str) else str(plain(value))


def storable(text):
    """The text without what PostgreSQL cannot store: NUL, and halves of characters."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def plain(value):
    """The value as JSON and PostgreSQL can carry it. What is recorded beside the key must not fail."""
    if isinstance(value, models.BaseModel):
        return value.ids
    if isinstance(value, dict):
        return {storable(str(name)): plain(part) for name, part in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(part) for part in value]
    if isinstance(value, datetime.datetime):
        return fields.Datetime.to_string(value)
    if isinstance(value, datetime.date):
        return fields.Date.to_string(value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, bytes):
        return storable(value.decode("ascii", "replace"))
    return storable(str(value))
