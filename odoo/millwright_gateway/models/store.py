"""Which life of the database this is, so that a restored one can be noticed."""
import uuid

from odoo import api, fields, models

# A copy made with dump and restore gets another object id, a promoted standby or a point-in-time recovery another
# timeline, another server another system identifier.
_FINGERPRINT = """
    SELECT concat_ws('/', s.system_identifier, d.oid, c.timeline_id)
      FROM pg_control_system() s, pg_control_checkpoint() c, pg_database d
     WHERE d.datname = current_database()
"""
_FINGERPRINT_PLAIN = "SELECT oid::text FROM pg_database WHERE datname = current_database()"
_MAY_READ_CONTROL = """
    SELECT has_function_privilege('pg_control_system()', 'execute')
       AND has_function_privilege('pg_control_checkpoint()', 'execute')
"""


class MillwrightStore(models.Model):
    _name = "millwright.store"
    _description = "Life of the database"
    _order = "id desc"
    _rec_name = "epoch"

    epoch = fields.Char(required=True, readonly=True, help="Changes when the database was restored or copied.")
    fingerprint = fields.Char(required=True, readonly=True, help="Where PostgreSQL keeps this database.")
    position = fields.Integer(readonly=True, help="The last position that was given to a recorded change.")
    trimmed = fields.Integer(readonly=True, help="Changes up to here were dropped without being acknowledged by all.")

    def init(self):
        self.env.cr.execute(
            "CREATE UNIQUE INDEX IF NOT EXISTS millwright_store_fingerprint ON millwright_store (fingerprint)")

    @api.model
    def _fingerprint(self):
        cr = self.env.cr
        cr.execute(_MAY_READ_CONTROL)
        cr.execute(_FINGERPRINT if cr.fetchone()[0] else _FINGERPRINT_PLAIN)
        return cr.fetchone()[0]

    @api.model
    def _current(self):
        """The row of the present life; a new one begins where the database woke up in another place."""
        fingerprint = self._fingerprint()
        current = self.sudo().search([("fingerprint", "=", fingerprint)])
        if not current:
            # Where two callers find this out at once, PostgreSQL refuses the second one, and Odoo runs it again.
            self.env.cr.execute(
                """INSERT INTO millwright_store (epoch, fingerprint, position, trimmed, create_date)
                   SELECT %s, %s, coalesce(max(position), 0), coalesce(max(trimmed), 0), now() AT TIME ZONE 'UTC'
                     FROM millwright_store
                   ON CONFLICT (fingerprint) DO NOTHING""", [str(uuid.uuid4()), fingerprint])
            current = self.sudo().search([("fingerprint", "=", fingerprint)])
        return current
