"""Takes batches of operations; each has its effect once, whoever hands it in how often."""
import hashlib
import json
import time

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import config

from .executor import Executor
from .operation import MAXIMUM_KEY, Malformed, Operation, groups, is_short_text, waves
from .run import Run

MAXIMUM_OPERATIONS = 500
MAXIMUM_BATCH = 10_000_000
# As many operations share one savepoint; the time budget is looked at between groups.
MAXIMUM_GROUP = 50
STANDARD_SECONDS = 40
MAXIMUM_SECONDS = 300
KEEP_DAYS = 400
TRIM_CHUNK = 20_000
# As many chunks at most in one run of the scheduled action.
TRIM_ROUNDS = 10


def maximum_seconds():
    """How long a batch may take here: the server ends a request that needs too long, and nothing of it would remain."""
    limits = [config[name] for name in ("limit_time_cpu", "limit_time_real")]
    return min([MAXIMUM_SECONDS] + [limit * 2 // 3 for limit in limits if limit and limit > 0])


class MillwrightInbox(models.Model):
    _name = "millwright.inbox"
    _description = "Operation handed in"
    _order = "id desc"
    _rec_name = "key"
    _log_access = False

    key = fields.Char(required=True, readonly=True)
    source = fields.Char(readonly=True)
    name = fields.Char(string="Operation", readonly=True)
    lane = fields.Char(readonly=True)
    state = fields.Selection(
        [("claimed", "In hand"), ("done", "Done"), ("refused", "Refused")], required=True, readonly=True)
    code = fields.Char(readonly=True)
    message = fields.Char(readonly=True)
    reference = fields.Char(string="Record", readonly=True, help="model,id")
    answer = fields.Json(readonly=True)
    digest = fields.Char(readonly=True)
    tries = fields.Integer(readonly=True)
    duration = fields.Integer(string="Milliseconds", readonly=True)
    user_id = fields.Many2one("res.users", readonly=True, ondelete="set null")
    at = fields.Datetime(string="First handed in", readonly=True)
    ended_at = fields.Datetime(string="Last executed", readonly=True)

    def init(self):
        # The one thing that makes it exactly once. A unique index is the same in all series, unlike constraints.
        self.env.cr.execute("CREATE UNIQUE INDEX IF NOT EXISTS millwright_inbox_key ON millwright_inbox (key)")
        self.env.cr.execute(
            "CREATE INDEX IF NOT EXISTS millwright_inbox_refused ON millwright_inbox (id) WHERE state = 'refused'")
        self.env.cr.execute("CREATE INDEX IF NOT EXISTS millwright_inbox_ended_at ON millwright_inbox (ended_at)")

    @api.model
    def submit(self, operations, source="millwright", seconds=STANDARD_SECONDS):
        """Executes a batch of operations in this transaction, as the calling user.

        :param operations: a list of ``{key, steps, name?, lane?, context?}``
        :param source: who hands in; the changes that follow are marked with it in the outbox
        :param seconds: how long it may take; what has not begun by then is answered ``deferred``
        :return: ``{epoch, answers}`` with one answer for each operation, by its place:
            ``{index, key, status, replayed, code, message, reference, results}``.
            ``status`` is ``done``, ``refused`` (nothing of it happened), ``held`` (an earlier operation of its lane was
            refused) or ``deferred``.
        """
        self.env["millwright.gateway"]._require_service()
        if not isinstance(operations, list) or len(operations) > MAXIMUM_OPERATIONS:
            raise ValidationError("operations is a list of at most %d operations" % MAXIMUM_OPERATIONS)
        if not is_short_text(source):
            raise ValidationError("source is a text of 1 to %d printable characters" % MAXIMUM_KEY)
        if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or not 0 < seconds <= MAXIMUM_SECONDS:
            raise ValidationError("seconds is a number above 0, and at most %d" % MAXIMUM_SECONDS)
        until = time.monotonic() + min(seconds, maximum_seconds())
        batch = _Batch(operations)
        if batch.size > MAXIMUM_BATCH:
            raise ValidationError("the operations of a batch have at most %d bytes together" % MAXIMUM_BATCH)
        known = self._claim(batch.runs, source)
        for key, recorded in known.items():
            if recorded["state"] == "done":
                batch.replay(key, recorded, is_own=recorded["user"] == self.env.uid)
        self._execute(batch, source, until)
        self._record(batch, known, source)
        return {"epoch": self.env["millwright.store"]._current().epoch, "answers": batch.answers()}

    # -- keys ------------------------------------------------------------------------------------------------

    @api.model
    def _claim(self, runs, source):
        """Takes the keys, in one order for all callers; returns what is known of those that were taken before.

        A caller that comes with the same key meanwhile waits here for the end of this transaction. Then PostgreSQL
        refuses it, because it cannot see the row that is in its way; Odoo runs its call again, and it gets the
        recorded answer.
        """
        keys = sorted(runs)
        if not keys:
            return {}
        cr = self.env.cr
        rows = [(key, source, runs[key].operation.name, runs[key].operation.lane, self.env.uid) for key in keys]
        cr.execute(
            "INSERT INTO millwright_inbox (key, source, name, lane, user_id, state, tries, at) VALUES "
            + ", ".join(["(%s, %s, %s, %s, %s, 'claimed', 0, now() AT TIME ZONE 'UTC')"] * len(rows))
            + " ON CONFLICT (key) DO NOTHING RETURNING key", [value for row in rows for value in row],
            log_exceptions=False)  # a race that is lost is no error to be logged
        new = {key for (key,) in cr.fetchall()}
        old = [key for key in keys if key not in new]
        if not old:
            return {}
        cr.execute(
            """SELECT key, state, reference, answer, digest, user_id FROM millwright_inbox
                WHERE key = ANY(%s) ORDER BY key FOR UPDATE""", [old], log_exceptions=False)
        names = ("state", "reference", "answer", "digest", "user")
        return {row[0]: dict(zip(names, row[1:])) for row in cr.fetchall()}

    @api.model
    def _record(self, batch, known, source):
        """Writes what became of the operations beside their keys; lets go of keys that were not executed."""
        cr = self.env.cr
        rows, idle = [], []
        for key, run in batch.runs.items():
            if run.status in ("done", "refused"):
                rows.append((
                    key, source, run.operation.name, run.operation.lane, run.status, run.code, run.message,
                    run.reference, json.dumps(run.answer), run.operation.digest, run.duration, self.env.uid))
            elif key not in known:
                idle.append(key)
        if rows:
            cr.execute(
                """UPDATE millwright_inbox AS i
                      SET source = v.source, name = v.name, lane = v.lane, state = v.state, code = v.code,
                          message = v.message, reference = v.reference, answer = v.answer::jsonb, digest = v.digest,
                          duration = v.duration::int, user_id = v.user_id::int, tries = i.tries + 1,
                          ended_at = clock_timestamp() AT TIME ZONE 'UTC'
                     FROM (VALUES """ + ", ".join(["(" + ", ".join(["%s"] * 12) + ")"] * len(rows))
                + """) AS v (key, source, name, lane, state, code, message, reference, answer, digest, duration,
                             user_id)
                    WHERE i.key = v.key""", [value for row in rows for value in row])
        if idle:
            cr.execute("DELETE FROM millwright_inbox WHERE key = ANY(%s)", [idle])
        self.invalidate_model()

    # -- executing -------------------------------------------------------------------------------------------

    @api.model
    def _execute(self, batch, source, until):
        executor = Executor(self.env, source, until)
        self.env.cr.flush()
        held = set()
        for wave in waves([run.operation for run in batch.waiting()]):
            for group in groups(wave, MAXIMUM_GROUP):
                members = [batch.runs[operation.key] for operation in group]
                for run in members:
                    if run.operation.lane in held:
                        run.hold()
                    elif time.monotonic() > until:
                        run.defer()
                runs = [run for run in members if run.status is None]
                if runs:
                    began = time.monotonic()
                    executor.execute(runs)
                    spent = int((time.monotonic() - began) * 1000 / len(runs))
                    for run in runs:
                        run.duration = spent
                held.update(
                    run.operation.lane for run in members if run.operation.lane and run.status != "done")
        self.env["millwright.outbox"]._set_origin(None, None)

    @api.model
    def _trim(self):
        """Drops keys that nobody repeats any more; returns how many. Called by a scheduled action."""
        dropped = 0
        for _round in range(TRIM_ROUNDS):
            self.env.cr.execute(
                """DELETE FROM millwright_inbox WHERE id IN (
                       SELECT id FROM millwright_inbox
                        WHERE ended_at < now() AT TIME ZONE 'UTC' - %s * interval '1 day'
                        ORDER BY ended_at LIMIT %s)""",
                [KEEP_DAYS, TRIM_CHUNK])
            dropped += self.env.cr.rowcount
            if self.env.cr.rowcount < TRIM_CHUNK:
                break
        # A claim is in nobody's way once the transactions that ran beside its own have ended.
        self.env.cr.execute(
            "DELETE FROM millwright_inbox_claim WHERE at < now() AT TIME ZONE 'UTC' - interval '1 day'")
        self.invalidate_model()
        return dropped

    def action_open_record(self):
        self.ensure_one()
        if not self.reference:
            return False
        model, record_id = self.reference.split(",")
        return {
            "type": "ir.actions.act_window", "res_model": model, "res_id": int(record_id),
            "views": [[False, "form"]], "target": "current",
        }


class MillwrightInboxClaim(models.Model):
    _name = "millwright.inbox.claim"
    _description = "Record that an operation makes where it is missing"
    _log_access = False
    _rec_name = "name"

    name = fields.Char(required=True, readonly=True)
    at = fields.Datetime(readonly=True)

    def init(self):
        self.env.cr.execute(
            "CREATE UNIQUE INDEX IF NOT EXISTS millwright_inbox_claim_name ON millwright_inbox_claim (name)")

    @api.model
    def _claim(self, text):
        """Fails, so that Odoo runs the call again, where somebody else made the same since this snapshot."""
        self.env.cr.execute(
            """INSERT INTO millwright_inbox_claim (name, at) VALUES (%s, now() AT TIME ZONE 'UTC')
               ON CONFLICT (name) DO UPDATE SET at = excluded.at""",
            [hashlib.sha256(text.encode()).hexdigest()], log_exceptions=False)


class _Batch:
    """The operations of one call: by key, and how each place is answered."""

    def __init__(self, operations):
        self.places = []
        self.runs = {}
        self.recorded = {}
        self.size = 0
        broken = set()
        for given in operations:
            try:
                operation = Operation(given)
            except Malformed as error:
                key, lane = (given.get("key"), given.get("lane")) if isinstance(given, dict) else (None, None)
                self.places.append((key if isinstance(key, str) else None, str(error)))
                broken.update({lane} if isinstance(lane, str) and lane else ())
                continue
            self.size += operation.size
            run = self.runs.setdefault(operation.key, Run(operation))
            if operation.lane in broken:
                run.hold()
            self.places.append((operation.key, None))

    def replay(self, key, recorded, is_own):
        """The recorded answer stands, also where the steps differ now: the effect was had.

        What an operation read it read with its user's rights; nobody else gets that to see.
        """
        run = self.runs[key]
        run.status = "replayed"
        code = None if recorded["digest"] == run.operation.digest else "steps_differ"
        self.recorded[key] = {
            "status": "done", "replayed": True, "reference": recorded["reference"],
            "code": code if is_own else "other_user", "results": (recorded["answer"] or {}) if is_own else {}}

    def waiting(self):
        return [run for run in self.runs.values() if run.status is None]

    def answers(self):
        found, seen = [], set()
        for index, (key, fault) in enumerate(self.places):
            answer = {"index": index, "key": key, "replayed": False, "code": None, "message": None,
                      "reference": None, "results": {}}
            if fault is not None:
                answer.update(status="refused", code="bad_request", message=fault)
            elif key in self.recorded:
                answer.update(self.recorded[key])
            else:
                run = self.runs[key]
                answer.update(
                    status=run.status, code=run.code, message=run.message, reference=run.reference,
                    results=run.answer, replayed=key in seen and run.status == "done")
                seen.add(key)
            found.append(answer)
        return found
