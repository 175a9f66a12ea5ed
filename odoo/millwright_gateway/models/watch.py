"""Which models and fields are recorded in the outbox."""
from odoo import api, fields, models, tools
from odoo.exceptions import AccessError

WATCHED = "millwright.watch"

# Kinds of fields that stand in the record's own row or are a short list of ids. Binary fields would bloat the
# outbox; one2many lines are records of their own, watched by themselves.
RECORDED = frozenset({
    "boolean", "integer", "float", "monetary", "char", "text", "date", "datetime", "selection", "many2one",
    "many2many", "reference", "many2one_reference",
})


def is_recordable(model):
    """Whether changes of the model can be recorded: no windows, no views of the database, no machinery of Odoo."""
    return model._auto and not model._transient and not model._name.startswith(("ir.", "millwright."))


class MillwrightWatch(models.Model):
    _name = "millwright.watch"
    _description = "Models whose changes are recorded"
    _order = "model"
    _rec_name = "model"

    model = fields.Char(required=True, help="Technical name, such as mrp.production")
    field_names = fields.Text(
        string="Fields", required=True,
        help="Technical names separated by blanks. Fields that this Odoo does not have are passed over.")
    active = fields.Boolean(default=True)
    effective = fields.Text(string="Recorded fields", compute="_compute_effective")

    def init(self):
        self.env.cr.execute("CREATE UNIQUE INDEX IF NOT EXISTS millwright_watch_model ON millwright_watch (model)")

    @api.depends("model", "field_names")
    def _compute_effective(self):
        for row in self:
            row.effective = " ".join(self._effective(row.model, row.field_names or ""))

    @api.model
    @tools.ormcache("model", "names")
    def _effective(self, model, names):
        """Those of the names that can be recorded. Depends on nothing but the registry's fields.

        Values that are another one in each company have no place in one record of changes.
        """
        if model not in self.env or not is_recordable(self.env[model]):
            return ()
        known = self.env[model]._fields
        return tuple(sorted(
            name for name in set(names.split())
            if name in known and known[name].store and known[name].type in RECORDED
            and not known[name].company_dependent))

    @api.model
    def _watched(self):
        """Watched field names by model. Asked at every write in this database: one look into a dictionary.

        Read anew by each transaction, with its own view of the database. A cache of the process could be filled by
        somebody who does not see the administrator's latest change yet, and changes would be missed until the next one.
        """
        data = self.env.cr.precommit.data
        if WATCHED not in data:
            data[WATCHED] = self._read_watched()
        return data[WATCHED]

    @api.model
    def _read_watched(self):
        cr = self.env.cr
        # While the addon is being installed or removed, its table or columns of it are missing.
        cr.execute(
            """SELECT count(*) FROM pg_attribute WHERE attrelid = to_regclass('millwright_watch')
                  AND attname IN ('model', 'field_names', 'active') AND NOT attisdropped""")
        if cr.fetchone()[0] < 3:
            return {}
        cr.execute("SELECT model, field_names FROM millwright_watch WHERE active")
        watched = {model: self._effective(model, names) for model, names in cr.fetchall()}
        return {model: names for model, names in watched.items() if names}

    @api.model
    def _cascades(self, model):
        """Watched models whose records the database deletes together with those of `model`, without asking Odoo."""
        watched = self._watched()
        return [(child, name) for child, name in self._cascading(model) if child in watched]

    @api.model
    @tools.ormcache("model")
    def _cascading(self, model):
        return tuple(
            (child, name) for child in self.env.registry.models if is_recordable(self.env[child])
            for name, field in self.env[child]._fields.items()
            if field.store and field.type == "many2one" and field.comodel_name == model and field.ondelete == "cascade")

    def action_baseline(self):
        """Records every existing record of the model as it stands, for readers that begin with what is there."""
        if not self.env.su and not self.env.user.has_group("base.group_system"):
            raise AccessError("Only an administrator may record what is there.")
        self.env.cr.flush()
        for row in self:
            if row.model not in self._watched():
                continue
            records = self.env[row.model].sudo().with_context(active_test=False)
            last = 0
            while True:
                page = records.search([("id", ">", last)], order="id", limit=1000)
                if not page:
                    break
                last = page.ids[-1]
                page._millwright_note("baseline")
                self.env["millwright.outbox"]._harvest()
                self.env.invalidate_all()
        return True

    @api.model_create_multi
    def create(self, vals_list):
        rows = super().create(vals_list)
        rows._forget()
        return rows

    def write(self, vals):
        done = super().write(vals)
        self._forget()
        return done

    def unlink(self):
        done = super().unlink()
        self._forget()
        return done

    def _forget(self):
        self.flush_model()
        self.env.cr.precommit.data.pop(WATCHED, None)
