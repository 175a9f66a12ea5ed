from . import models
from .models.watch import WATCHED


def uninstall_hook(*arguments):
    """Ends the recording before Odoo drops the tables that it would go to. Odoo 16 passes the cursor, others `env`."""
    cr = getattr(arguments[0], "cr", arguments[0])
    cr.flush()
    cr.execute("DELETE FROM millwright_watch")
    cr.precommit.data.pop(WATCHED, None)
