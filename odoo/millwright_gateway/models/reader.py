"""Readers of the outbox: each with a cursor of its own, acknowledged when it has stored what it read."""
import datetime
import re

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..series import SERIES
from .operation import is_short_text

MAXIMUM_ROWS = 5_000
# The rows of an answer stop where their values have more bytes than this; one row is always given.
MAXIMUM_BYTES = 8_000_000
# What fits into the column that positions are compared with.
MAXIMUM_POSITION = 2**31 - 1
MAXIMUM_READERS = 100
MAXIMUM_NAME = 100
# How long rows stay after every reader has acknowledged them.
KEEP_ACKNOWLEDGED = datetime.timedelta(days=7)
# How long rows stay at most, and a reader that is never heard of holds them back.
KEEP_AT_MOST = datetime.timedelta(days=90)
TRIM_CHUNK = 20_000
# As many chunks at most in one run of the scheduled action.
TRIM_ROUNDS = 10

_COLUMNS = ("position", "model", "res_id", "operation", "changed", "before", "values", "stamp", "user_id",
            "company_id", "transaction", "origin", "key")


class MillwrightReader(models.Model):
    _name = "millwright.reader"
    _description = "Reader of recorded changes"
    _order = "name"

    name = fields.Char(required=True, readonly=True)
    position = fields.Integer(readonly=True, help="Everything up to here is acknowledged.")
    mark = fields.Char(readonly=True)
    epoch = fields.Char(readonly=True, help="The life of the database in which this was acknowledged.")
    user_id = fields.Many2one("res.users", readonly=True, ondelete="set null")
    seen_at = fields.Datetime(readonly=True)
    waiting = fields.Integer(compute="_compute_waiting", help="Changes that it has not acknowledged.")

    def init(self):
        self.env.cr.execute("CREATE UNIQUE INDEX IF NOT EXISTS millwright_reader_name ON millwright_reader (name)")

    def _compute_waiting(self):
        for row in self:
            row.waiting = self.env["millwright.outbox"].sudo().search_count(
                ["|", ("position", "=", False), ("position", ">", row.position)])


class MillwrightOutbox(models.Model):
    _inherit = "millwright.outbox"

    # -- the calls of a reader -------------------------------------------------------------------------------

    @api.model
    def pull(self, reader, cursor=None, limit=1000, skip_origin=None):
        """The committed changes behind the cursor, in order.

        :param reader: the reader's name; it becomes known at its first call
        :param cursor: a cursor of an earlier answer; without it the last acknowledged one, for a new reader the oldest
        :param limit: how many rows at most
        :param skip_origin: leaves out what this source wrote through the inbox itself
        :return: ``{code, epoch, rows, cursor, more, withheld, head, oldest}``. ``code`` is ``ok``, or says why no rows
            are given: ``epoch_changed`` (the database was restored or copied), ``forked`` (its history is another one
            from the cursor on), ``trimmed`` (rows behind the cursor are gone). ``oldest`` and ``head`` are cursors to
            go on from.
        """
        self.env["millwright.gateway"]._require_service()
        if isinstance(limit, bool) or not isinstance(limit, int) or limit < 1:
            raise ValidationError("limit is a number above 0; more than %d rows are never given" % MAXIMUM_ROWS)
        store = self.env["millwright.store"]._current()
        self._place(store)
        known = self._reader(reader, store)
        if cursor is None:
            epoch, position, mark = known.epoch, known.position, known.mark or ""
        else:
            epoch, position, mark = _parse(cursor)
        answer = {
            "epoch": store.epoch, "rows": [], "more": False, "withheld": 0, "cursor": cursor,
            "head": self._cursor(store, store.position), "oldest": self._cursor(store, store.trimmed),
        }
        answer["code"] = self._fault(store, epoch, position, mark)
        if answer["code"] == "ok":
            rows, answer["more"] = self._after(position, min(limit, MAXIMUM_ROWS))
            last = rows[-1]["position"] if rows else position
            answer["cursor"] = self._cursor(store, last)
            visible = self._visible(rows)
            answer["withheld"] = len(rows) - len(visible)
            answer["rows"] = [_row(row) for row in visible if not skip_origin or row["origin"] != skip_origin]
        return answer

    @api.model
    def acknowledge(self, reader, cursor):
        """Remembers that the reader has stored everything up to the cursor. Going back is allowed."""
        self.env["millwright.gateway"]._require_service()
        store = self.env["millwright.store"]._current()
        epoch, position, mark = _parse(cursor)
        code = self._fault(store, epoch, position, mark)
        if code == "ok":
            self._reader(reader, store).write({
                "position": position, "mark": mark, "epoch": epoch, "user_id": self.env.uid,
                "seen_at": fields.Datetime.now()})
        return {"code": code, "epoch": store.epoch, "cursor": cursor}

    @api.model
    def _trim(self):
        """Drops what nobody needs any more; returns how many rows. Called by a scheduled action.

        The newest row of each existing record stays: the next change is compared with it. So does the last row and
        each row that a reader's cursor stands on: they tell a restored database from this one.
        """
        cr = self.env.cr
        store = self.env["millwright.store"]._current()
        positions = self.env["millwright.reader"].sudo().search([]).mapped("position")
        now = fields.Datetime.now()
        dropped, highest = 0, store.trimmed
        acknowledged = min(positions, default=0)
        for limit, before in ((acknowledged, now - KEEP_ACKNOWLEDGED), (store.position, now - KEEP_AT_MOST)):
            for _round in range(TRIM_ROUNDS):
                cr.execute(
                    """DELETE FROM millwright_outbox WHERE id IN (
                           SELECT o.id FROM millwright_outbox o
                            WHERE o.position <= %(limit)s AND o.at < %(before)s AND o.position < %(head)s
                              AND o.position <> ALL(%(cursors)s)
                              AND (o.operation = 'unlink' OR EXISTS (
                                  SELECT 1 FROM millwright_outbox n
                                   WHERE n.model = o.model AND n.res_id = o.res_id AND n.id > o.id))
                            ORDER BY o.position LIMIT %(chunk)s)
                    RETURNING position""",
                    {"limit": limit, "before": before, "head": store.position, "chunk": TRIM_CHUNK,
                     "cursors": positions})
                gone = [position for (position,) in cr.fetchall()]
                dropped += len(gone)
                highest = max(gone + [highest])
                if len(gone) < TRIM_CHUNK:
                    break
        if highest > store.trimmed:
            # Behind this position there are gaps from now on. Who comes with an older cursor must be told.
            store.sudo().write({"trimmed": highest})
        self.invalidate_model()
        return dropped

    # -- behind them -----------------------------------------------------------------------------------------

    @api.model
    def _reader(self, name, store):
        if not is_short_text(name) or len(name) > MAXIMUM_NAME:
            raise ValidationError("a reader's name has 1 to %d printable characters" % MAXIMUM_NAME)
        readers = self.env["millwright.reader"].sudo()
        known = readers.search([("name", "=", name)])
        if not known:
            # Each reader holds rows back from being dropped, so names that are made up at each start must not pile up.
            if readers.search_count([]) >= MAXIMUM_READERS:
                raise ValidationError("there are %d readers already: delete those that are no longer in use" %
                                      MAXIMUM_READERS)
            self.env.cr.execute(
                """INSERT INTO millwright_reader (name, position, epoch, user_id, seen_at)
                   VALUES (%s, %s, %s, %s, now() AT TIME ZONE 'UTC') ON CONFLICT (name) DO NOTHING""",
                [name, store.trimmed, store.epoch, self.env.uid])
            known = readers.search([("name", "=", name)])
        return known

    @api.model
    def _fault(self, store, epoch, position, mark):
        if epoch != store.epoch:
            return "epoch_changed"
        if position < store.trimmed:
            return "trimmed"
        if position > store.position:
            return "forked"
        self.env.cr.execute("SELECT mark FROM millwright_outbox WHERE position = %s", [position])
        found = self.env.cr.fetchone()
        # A row that is no longer there was trimmed after this reader had gone past it.
        return "forked" if found and mark and found[0] != mark else "ok"

    @api.model
    def _cursor(self, store, position):
        self.env.cr.execute("SELECT mark FROM millwright_outbox WHERE position = %s", [position])
        found = self.env.cr.fetchone()
        return "%s:%d:%s" % (store.epoch, position, found[0] if found else "")

    @api.model
    def _after(self, position, limit):
        """The rows behind the position, and whether there are more."""
        columns = ", ".join('"%s"' % name for name in _COLUMNS)
        self.env.cr.execute(
            "SELECT " + columns + ", octet_length(values::text) FROM millwright_outbox WHERE position > %s "
            "ORDER BY position LIMIT %s", [position, limit + 1])
        found, size = self.env.cr.fetchall(), 0
        for count, row in enumerate(found):
            size += row[-1] or 0
            if count == limit or (count and size > MAXIMUM_BYTES):
                return [dict(zip(_COLUMNS, row)) for row in found[:count]], True
        return [dict(zip(_COLUMNS, row)) for row in found], False

    @api.model
    def _visible(self, rows):
        """What the caller may see: of models and fields that it may read, records that are there and that its record
        rules show, and those that are gone, in companies that it belongs to."""
        companies = set(self.env.user.company_ids.ids)
        by_model = {}
        for row in rows:
            by_model.setdefault(row["model"], []).append(row)
        visible = []
        for model, own in by_model.items():
            names = self._readable(model, sorted({name for row in own for name in row["values"] or ()}))
            if names is None:
                continue
            hidden = self._hidden(model, {row["res_id"] for row in own}, companies)
            for row in own:
                if row["res_id"] in hidden or (row["company_id"] and row["company_id"] not in companies):
                    continue
                for part in ("before", "values"):
                    if row[part]:
                        row[part] = {name: value for name, value in row[part].items() if name in names}
                row["changed"] = [name for name in (row["changed"] or "").split(",") if name in names] or None
                visible.append(row)
        return sorted(visible, key=lambda row: row["position"])

    @api.model
    def _hidden(self, model, ids, companies):
        """Those of the existing records that the caller's record rules hide."""
        records = self.env[model].with_context(active_test=False, allowed_company_ids=sorted(companies))
        there = records.browse(ids).exists()
        return set(there._ids) - set(records.search([("id", "in", there.ids)])._ids)

    @api.model
    def _readable(self, model, names):
        """Those of the fields that the caller may read; None where it may not read the model at all."""
        if model not in self.env or not SERIES.may_read(self.env[model]):
            return None
        return set(self.env[model].fields_get(names, ["type"])) if names else set()


def _parse(cursor):
    parts = cursor.split(":") if isinstance(cursor, str) else ()
    if len(parts) != 3 or not re.fullmatch("[0-9]{1,10}", parts[1]) or not is_short_text(cursor) \
            or int(parts[1]) > MAXIMUM_POSITION:
        raise ValidationError("a cursor is a text that an answer of pull gave")
    return parts[0], int(parts[1]), parts[2]


def _row(row):
    return {
        "position": row["position"], "model": row["model"], "id": row["res_id"], "operation": row["operation"],
        "changed": row["changed"], "before": row["before"],
        "values": row["values"], "at": row["stamp"], "user": row["user_id"], "company": row["company_id"] or None,
        "transaction": row["transaction"], "origin": row["origin"], "key": row["key"],
    }
