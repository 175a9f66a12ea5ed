"""The record of committed changes: one row per record and flush, in the transaction that made the change.

Rows get their ids when they are written and become visible when they are committed, which is another order. So they
have no place in the sequence at first. Whoever reads next gives the committed rows without a place the next places,
under a lock, in the order of their ids. A row that commits late gets a late place and cannot be skipped. Two changes
of one record cannot be swapped: the later transaction could only change the record after the earlier one had
committed (else PostgreSQL makes it fail), so its row has the higher id and is never visible without the other one.
"""
import datetime

from odoo import api, fields, models

from .tracker import PENDING

MAXIMUM_TEXT = 10_000
# Records are read in pages of so many.
MAXIMUM_PAGE = 2_000
# One reader's call places at most so many rows; what is left over is placed by the next one.
MAXIMUM_PLACED = 10_000
_LOCK = "millwright_outbox"

_PLACE = """
    WITH fresh AS (
        SELECT id FROM millwright_outbox WHERE position IS NULL ORDER BY id LIMIT %(limit)s
    ), placed AS (
        SELECT id, row_number() OVER (ORDER BY id) AS number FROM fresh
    ), updated AS (
        UPDATE millwright_outbox AS o
           SET position = %(head)s + placed.number, mark = substr(md5(random()::text), 1, 8)
          FROM placed WHERE o.id = placed.id
     RETURNING o.id
    )
    SELECT count(*) FROM updated
"""


class MillwrightOutbox(models.Model):
    _name = "millwright.outbox"
    _description = "Recorded change"
    _order = "id desc"
    _rec_name = "model"
    _log_access = False

    position = fields.Integer(readonly=True, help="Place in the sequence, without gaps; given when it is first read.")
    mark = fields.Char(readonly=True, help="Tells this row from another one of the same position after a restore.")
    model = fields.Char(required=True, readonly=True)
    res_id = fields.Integer(string="Record", required=True, readonly=True)
    operation = fields.Selection(
        [("create", "Created"), ("write", "Changed"), ("unlink", "Deleted"), ("baseline", "Baseline")],
        required=True, readonly=True)
    changed = fields.Char(readonly=True, help="The watched fields whose values differ from the row before.")
    before = fields.Json(readonly=True, help="Their values in the newest row before this one.")
    values = fields.Json(readonly=True, help="All watched fields after the change; of a deleted record the last ones.")
    at = fields.Datetime(readonly=True)
    stamp = fields.Char(readonly=True, help="The same instant with microseconds.")
    user_id = fields.Integer(string="User", readonly=True)
    company_id = fields.Integer(string="Company", readonly=True)
    transaction = fields.Char(readonly=True, help="Rows of one transaction have this in common.")
    origin = fields.Char(readonly=True, help="The source that wrote this through the inbox; empty for everybody else.")
    key = fields.Char(readonly=True, help="The operation that wrote this, where it was executed by itself.")

    def init(self):
        cr = self.env.cr
        cr.execute("CREATE UNIQUE INDEX IF NOT EXISTS millwright_outbox_position ON millwright_outbox (position)")
        cr.execute(
            "CREATE INDEX IF NOT EXISTS millwright_outbox_unplaced ON millwright_outbox (id) WHERE position IS NULL")
        cr.execute("CREATE INDEX IF NOT EXISTS millwright_outbox_record ON millwright_outbox (model, res_id, id)")

    # -- writing ---------------------------------------------------------------------------------------------

    @api.model
    def _harvest(self):
        """Writes one row for each noted record whose watched values really differ from its newest row."""
        precommit = self.env.cr.precommit
        while precommit.data.get(PENDING):
            # Reading may compute fields, and these may be noted in turn: hence the loop.
            pending = precommit.data.pop(PENDING)
            watched = self.env["millwright.watch"]._watched()
            self.env.flush_all()
            rows = []
            for model, noted in pending.items():
                for page in _pages(noted) if model in watched else ():
                    rows += self._rows(model, page, watched[model])
            if rows:
                self._complete(rows)
                self.sudo().with_context({}).create(rows)

    @api.model
    def _rows(self, model, noted, names):
        there = self._snapshot(model, noted, names)
        newest = self._newest(model, noted)
        born = self._born(model, [one for one in noted if one not in newest])
        rows = []
        for record_id, (operation, last_values, user) in noted.items():
            known, known_values, known_company = newest.get(record_id, (None, None, None))
            values, company = there.get(record_id, (None, None))
            before, changed = {}, []
            if values is None:
                # Nobody was told of a record that came and went in one transaction, nor is told twice of a deletion.
                if known == "unlink" or (known is None and operation == "create"):
                    continue
                operation = "unlink"
                values, company = last_values or (known_values, known_company)
            elif operation != "baseline":
                # A deletion that failed and was caught leaves a record that is there: it changed at most.
                if known and known != "unlink":
                    before = known_values or {}
                    changed = [name for name in names if before.get(name) != values.get(name)]
                    if not changed:
                        continue
                    operation = "write"
                else:
                    operation = "create" if operation == "create" or record_id in born else "write"
            rows.append({
                "model": model, "res_id": record_id, "operation": operation, "user_id": user,
                "changed": ",".join(changed), "before": {name: before.get(name) for name in changed} or False,
                "values": values or False, "company_id": company or False,
            })
        return rows

    @api.model
    def _snapshot(self, model, ids, names):
        """Values, ready for JSON, and company of those records that exist."""
        # In a context of its own: what the user has set there must not reach into the values.
        records = self.env[model].sudo().with_context({"active_test": False}).browse(ids).exists()
        has_company = "company_id" in records._fields and records._fields["company_id"].store
        wanted = list(names) + (["company_id"] if has_company and "company_id" not in names else [])
        found = {}
        for row in records.read(wanted, load=""):
            found[row["id"]] = {name: _plain(row[name]) for name in names}, row.get("company_id") or False
        return found

    @api.model
    def _newest(self, model, ids):
        self.env.cr.execute(
            """SELECT DISTINCT ON (res_id) res_id, operation, values, company_id FROM millwright_outbox
                WHERE model = %s AND res_id = ANY(%s) ORDER BY res_id, id DESC""", [model, list(ids)])
        return {row[0]: row[1:] for row in self.env.cr.fetchall()}

    @api.model
    def _born(self, model, ids):
        """Those records that this very transaction created, known by its time. A savepoint in the middle of a
        creation makes Odoo run what comes before a commit, when nobody has said yet that the record is a new one."""
        if not ids or not self.env[model]._log_access:
            return set()
        self.env.cr.execute(
            'SELECT id FROM "%s" WHERE id = ANY(%%s) AND create_date = now() AT TIME ZONE \'UTC\''
            % self.env[model]._table, [ids])
        return {record_id for (record_id,) in self.env.cr.fetchall()}

    @api.model
    def _complete(self, rows):
        self.env.cr.execute(
            """SELECT txid_current()::text, clock_timestamp() AT TIME ZONE 'UTC',
                      nullif(current_setting('millwright.origin', true), ''),
                      nullif(current_setting('millwright.key', true), '')""")
        transaction, now, origin, key = self.env.cr.fetchone()
        common = {
            "transaction": transaction, "at": now.replace(microsecond=0),
            "stamp": now.isoformat(timespec="microseconds") + "Z", "origin": origin, "key": key,
        }
        for row in rows:
            row.update(common)

    @api.model
    def _set_origin(self, origin, key):
        """Marks what this transaction writes from here on. PostgreSQL forgets it with the transaction or savepoint."""
        self.env.cr.execute(
            "SELECT set_config('millwright.origin', %s, true), set_config('millwright.key', %s, true)",
            [origin or "", key or ""])

    # -- sequencing ------------------------------------------------------------------------------------------

    @api.model
    def _place(self, store):
        """Gives committed rows their places. Whoever finds another reader at it takes what is placed already."""
        cr = self.env.cr
        cr.execute("SELECT 1 FROM millwright_outbox WHERE position IS NULL LIMIT 1")
        if not cr.fetchone():
            return
        cr.execute("SELECT pg_try_advisory_xact_lock(hashtext(%s))", [_LOCK])
        if not cr.fetchone()[0]:
            return
        # Where another reader placed rows after this transaction's snapshot was taken, PostgreSQL refuses the
        # update of the head, and Odoo runs the call again.
        cr.execute("SELECT position FROM millwright_store WHERE id = %s FOR UPDATE", [store.id], log_exceptions=False)
        head = cr.fetchone()[0] or 0
        cr.execute(_PLACE, {"limit": MAXIMUM_PLACED, "head": head})
        placed = cr.fetchone()[0]
        if placed:
            cr.execute("UPDATE millwright_store SET position = %s WHERE id = %s", [head + placed, store.id])
            store.invalidate_recordset(["position"])

    def action_open_record(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window", "res_model": self.model, "res_id": self.res_id,
            "views": [[False, "form"]], "target": "current",
        }


def _pages(noted):
    items = list(noted.items())
    for start in range(0, len(items), MAXIMUM_PAGE):
        yield dict(items[start:start + MAXIMUM_PAGE])


def _plain(value):
    if isinstance(value, datetime.datetime):
        return fields.Datetime.to_string(value)
    if isinstance(value, datetime.date):
        return fields.Date.to_string(value)
    if isinstance(value, (list, tuple)):
        return sorted(value)
    if isinstance(value, (str, bytes)):
        return str(value)[:MAXIMUM_TEXT]
    return value
