"""What the service user may call through the inbox: a list on top of its own rights, never instead of them."""
from odoo import api, fields, models
from odoo.exceptions import ValidationError

# Of the methods that every model has, only these change data as a business method does. The others (sudo, browse,
# with_user, ...) make no sense from outside or loosen rights.
GENERIC = frozenset({
    "create", "write", "unlink", "copy", "load", "action_archive", "action_unarchive", "toggle_active"})


class MillwrightAllowed(models.Model):
    _name = "millwright.allowed"
    _description = "Methods that operations may call"
    _order = "model"
    _rec_name = "model"

    model = fields.Char(required=True, help="Technical name, such as mrp.production")
    methods = fields.Text(required=True, help="Names separated by blanks; * allows each public method of the model.")
    active = fields.Boolean(default=True)

    def init(self):
        self.env.cr.execute("CREATE UNIQUE INDEX IF NOT EXISTS millwright_allowed_model ON millwright_allowed (model)")

    @api.constrains("methods")
    def _check_methods(self):
        for row in self:
            for method in row.methods.split():
                if method != "*" and not _is_public(method):
                    raise ValidationError("%s is not the name of a public method" % method)

    @api.model
    def _listed(self):
        """The methods by model. Not cached beyond a call: a list that was shortened holds at once."""
        self.flush_model()
        self.env.cr.execute("SELECT model, methods FROM millwright_allowed WHERE active")
        return {model: frozenset(methods.split()) for model, methods in self.env.cr.fetchall()}

    @api.model
    def _permits(self, listed, model, method):
        """Whether operations may call the method. The user's own rights are asked by Odoo when it is called.

        The addon's own models are out of reach whatever the list says: an operation in an operation could take a key
        that the outer one holds.
        """
        allowed = listed.get(model, ())
        if model.startswith("millwright.") or (method not in allowed and "*" not in allowed):
            return False
        return self._is_callable(model, method)

    @api.model
    def _is_callable(self, model, method):
        """Whether Odoo itself would let a remote caller use the method."""
        if not _is_public(method):
            return False
        if method not in GENERIC and hasattr(models.BaseModel, method):
            return False
        kind = type(self.env[model])
        if not callable(getattr(kind, method, None)):
            return False
        return not any(getattr(base.__dict__.get(method), "_api_private", False) for base in kind.mro())


def _is_public(method):
    return method.isidentifier() and not method.startswith("_")
