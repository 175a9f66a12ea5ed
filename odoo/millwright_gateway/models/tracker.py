"""Notices changes of watched records, wherever in Odoo they are made, in the transaction that makes them."""
from odoo import api, models

from ..series import RETRIED
from .watch import is_recordable

PENDING = "millwright.outbox"
LOST_RACES = "millwright_lost_races"


class LostRaces:
    """Collects what `load` would hide. Each is equal to itself alone, so that no two contexts are taken for one."""

    def __init__(self):
        self.lost = []


def _stored_fields(model):
    if not is_recordable(model):
        return []
    return [name for name, field in model._fields.items() if field.store]


class Base(models.AbstractModel):
    _inherit = "base"

    # Odoo runs constraints after each write and after each stored field that it computed. The latter go past
    # `write` (the state of a manufacturing order is computed), and this is the one public place that sees both.
    @api.constrains(_stored_fields)
    def _millwright_changed(self):
        self._millwright_note("write")

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        records._millwright_note("create")
        return records

    def unlink(self):
        self._millwright_note_unlink()
        return super().unlink()

    def _load_records(self, *args, **kwargs):
        # `load` catches every error of the database and makes a message of it, in the language of the database
        # server. This is the one place below it that sees the error itself; no public one does.
        races = self.env.context.get(LOST_RACES)
        if not isinstance(races, LostRaces):
            return super()._load_records(*args, **kwargs)
        try:
            records = super()._load_records(*args, **kwargs)
            self.env.cr.flush()
        except RETRIED as error:
            races.lost.append(error)
            raise
        return records

    def _millwright_note(self, operation, last_values=None):
        """Notes that the records changed. What they hold is read once, before the commit."""
        if self._name not in self.env["millwright.watch"]._watched():
            return
        precommit = self.env.cr.precommit
        pending = precommit.data.get(PENDING)
        if pending is None:
            pending = precommit.data[PENDING] = {}
            # Odoo runs this before the commit and at the borders of savepoints, and forgets it at a rollback.
            precommit.add(self.env["millwright.outbox"]._harvest)
        noted = pending.setdefault(self._name, {})
        for record_id in self._ids:
            if isinstance(record_id, int):
                first, last, user = noted.get(record_id, (operation, None, self.env.uid))
                # The constraints of a new record run before its creation is noted.
                noted[record_id] = (
                    "create" if operation == "create" else first, (last_values or {}).get(record_id) or last, user)

    def _millwright_note_unlink(self):
        """Notes the records, and those that the database deletes with them, with their last values."""
        watch = self.env["millwright.watch"]
        watched = watch._watched()
        if not watched or not self:
            return
        seen = {}
        waiting = [self]
        while waiting:
            records = waiting.pop()
            known = seen.setdefault(records._name, set())
            records = records.browse(one for one in records._ids if one not in known)
            known.update(records._ids)
            if not records:
                continue
            waiting += [
                self.env[child].sudo().with_context(active_test=False).search([(field, "in", records.ids)])
                for child, field in watch._cascades(records._name)]
            if records._name in watched:
                snapshot = self.env["millwright.outbox"]._snapshot(records._name, records.ids, watched[records._name])
                records._millwright_note("unlink", snapshot)
