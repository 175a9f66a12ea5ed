"""Many writers, one reader: does each committed change arrive exactly once, in order per record, and nothing else?

Runs inside Odoo's shell, on a test database with the addon installed (it leaves contacts behind, archived):

    LOGIN=mes PASSWORD=mes URL=http://127.0.0.1:8069 \\
        odoo-bin shell -d DATABASE --no-http < tests_live/stress_changes.py

LOGIN is a plain user with the groups "Millwright: service" and "Contact Creation"; it hands in and it reads, over HTTP
where URL is given. The writers are plain users of their own, with "Contact Creation" and nothing else. CHANGES (10000),
WRITERS (4), RECORDS (200) and SEED are read from the environment too. Each write counts one up in the contact's
reference, within its transaction; so the references of one contact must arrive as 1, 2, 3 and so on. A third of the
transactions is rolled back, some savepoints are, some transactions stay open for seconds, contacts are deleted and
made anew, and one writer in four goes through the inbox. The reader dies now and then before it has acknowledged, and
reads again.
"""
import logging
import os
import random
import sys
import threading
import time

import psycopg2

from odoo import SUPERUSER_ID, api
from odoo.addons import millwright_gateway
from odoo.modules.registry import Registry

sys.path.append(os.path.join(os.path.dirname(millwright_gateway.__file__), "tests_live"))
from gateway_client import Odoo  # noqa: E402

CHANGES = int(os.environ.get("CHANGES", "10000"))
WRITERS = int(os.environ.get("WRITERS", "4"))
RECORDS = int(os.environ.get("RECORDS", "200"))
SEED = int(os.environ.get("SEED", "0")) or random.randrange(1 << 30)
TAG = "stress-%d-%d" % (SEED, os.getpid())
LONG = 0.01            # the share of transactions that stay open
ROLLED_BACK = 0.3

logging.getLogger("odoo.sql_db").setLevel(logging.CRITICAL)
registry = Registry(globals()["env"].cr.dbname)  # the shell's own
lock = threading.Lock()
committed, rolled_back, deleted = set(), set(), set()
conflicts = [0]
records = []
stop_writing, stop_reading = threading.Event(), threading.Event()


class RollBack(Exception):
    pass


def write_some(env, chance, number, made):
    """One transaction's changes; fills in what it made: tokens by contact, and contacts that it deleted."""
    partners = env["res.partner"].with_context(tracking_disable=True)
    for _count in range(chance.randint(1, 4)):
        with lock:
            chosen = chance.choice(records)
        partner = partners.browse(chosen)
        if not partner.exists() or chosen in made["deleted"]:
            continue
        previous = partner.ref
        counter = int(previous.split("|")[0]) + 1
        token = "%d|%s" % (counter, chance.randrange(1 << 60))
        dice = chance.random()
        if dice < 0.02:
            new = partners.create({"name": TAG, "ref": "1|%s" % chance.randrange(1 << 60)})
            made["tokens"].add((new.id, new.ref))
            made["created"].append(new.id)
            partner.unlink()
            made["deleted"].add(chosen)
        elif dice < 0.12:
            try:
                with env.cr.savepoint():
                    partner.ref = "%d|never" % counter
                    env.cr.flush()
                    raise RollBack
            except RollBack:
                pass
        elif number % 4 == 0:
            answer = env["millwright.inbox"].with_user(service).submit([{
                "key": "%s/%s" % (TAG, token), "steps": [
                    {"guard": "res.partner", "ids": [chosen], "where": [["ref", "=", previous]]},
                    {"write": "res.partner", "ids": [chosen], "values": {"ref": token}}]}], source=TAG)["answers"][0]
            assert answer["status"] == "done", answer
            made["tokens"].add((chosen, token))
        else:
            partner.ref = token
            # What is flushed is a row of its own; what is not is merged with the next write of this transaction.
            env.cr.flush()
            made["tokens"].add((chosen, token))


def writer(number):
    chance = random.Random(SEED * 100 + number)
    while not stop_writing.is_set():
        made = {"tokens": set(), "deleted": set(), "created": []}
        try:
            with registry.cursor() as cr:
                # Odoo 16 flushes at the commit only what belongs to an environment that somebody still holds.
                own = api.Environment(cr, writers[number], {})
                write_some(own, chance, number, made)
                cr.flush()
                if chance.random() < LONG:
                    time.sleep(chance.uniform(0.5, 3))
                if chance.random() < ROLLED_BACK:
                    raise RollBack
        except RollBack:
            with lock:
                rolled_back.update(made["tokens"])
        except psycopg2.OperationalError:
            with lock:
                conflicts[0] += 1
                rolled_back.update(made["tokens"])
        else:
            with lock:
                committed.update(made["tokens"])
                deleted.update(made["deleted"])
                records[:] = [one for one in records if one not in made["deleted"]] + made["created"]
                if len(committed) >= CHANGES:
                    stop_writing.set()


def outbox(method, **options):
    if client:
        return client.call("millwright.outbox", method, TAG, **options)
    while True:
        try:
            with registry.cursor() as cr:
                own = api.Environment(cr, service, {})
                return getattr(own["millwright.outbox"], method)(TAG, **options)
        except psycopg2.OperationalError:
            continue


def pull(**options):
    return outbox("pull", **options)


def acknowledge(cursor):
    assert outbox("acknowledge", cursor=cursor)["code"] == "ok"


def reader(received):
    chance = random.Random(SEED)
    while True:
        last_round = stop_reading.is_set()
        page = pull(limit=chance.choice([1, 7, 100, 1000]))
        assert page["code"] == "ok", page["code"]
        if chance.random() < 0.1:
            continue  # died before it stored anything: the next pull begins where it had acknowledged
        received.extend(page["rows"])
        acknowledge(page["cursor"])
        if last_round and not page["more"]:
            return


with registry.cursor() as cr:
    setup = api.Environment(cr, SUPERUSER_ID, {})
    groups = "group_ids" if "group_ids" in setup["res.users"]._fields else "groups_id"
    user = setup["res.users"].search([("login", "=", os.environ["LOGIN"])])
    assert user and not user.has_group("base.group_system"), "LOGIN is a plain user"
    service = user.id
    writers = setup["res.users"].create([{
        "name": TAG, "login": "%s-%d" % (TAG, number), groups: [(6, 0, [
            setup.ref(name).id for name in ("base.group_user", "base.group_partner_manager")])],
    } for number in range(WRITERS)]).ids
    made = setup["res.partner"].create([{"name": TAG, "ref": "1|%d" % number} for number in range(RECORDS)])
    records = made.ids
    committed.update((one.id, one.ref) for one in made)
client = None
if os.environ.get("URL"):
    client = Odoo(os.environ["URL"], registry.db_name, os.environ["LOGIN"], os.environ["PASSWORD"])
received, more = [], True
while more:
    page = pull(limit=5000)
    received += page["rows"]
    acknowledge(page["cursor"])
    more = page["more"]
began = time.monotonic()
threads = [threading.Thread(target=writer, args=(number,)) for number in range(WRITERS)]
reading = threading.Thread(target=reader, args=(received,))
for thread in threads + [reading]:
    thread.start()
for thread in threads:
    thread.join()
wrote = time.monotonic() - began
stop_reading.set()
reading.join()

faults = []
positions = [row["position"] for row in received]
if positions != sorted(set(positions)):
    faults.append("positions are doubled or out of order")
by_record, told_deleted = {}, set()
for row in received:
    if row["model"] == "res.partner" and row["values"] and row["values"]["name"] == TAG:
        if row["operation"] == "unlink":
            told_deleted.add(row["id"])
        elif row["values"]["ref"]:
            if row["id"] in told_deleted:
                faults.append("contact %d changed after it was deleted" % row["id"])
            by_record.setdefault(row["id"], []).append(row["values"]["ref"])
arrived = [(record, token) for record, tokens in by_record.items() for token in tokens]
if len(arrived) != len(set(arrived)):
    faults.append("%d changes arrived twice" % (len(arrived) - len(set(arrived))))
if set(arrived) != committed:
    faults.append("%d committed changes are missing, %d arrived that were not committed" % (
        len(committed - set(arrived)), len(set(arrived) - committed)))
if set(arrived) & rolled_back:
    faults.append("%d rolled back changes arrived" % len(set(arrived) & rolled_back))
for record, tokens in by_record.items():
    counters = [int(token.split("|")[0]) for token in tokens]
    if counters != list(range(1, len(counters) + 1)):
        faults.append("contact %d: %s" % (record, counters))
if told_deleted != deleted:
    faults.append("deleted %d contacts, heard of %d" % (len(deleted), len(told_deleted)))
ours = sum(1 for row in received if row["origin"] == TAG)
print("seed %d: %d committed changes of %d writers in %.0f s (%d rolled back, %d conflicts, %d contacts deleted, "
      "%d through the inbox); reader%s: %d rows, %d..%d" % (
          SEED, len(committed), WRITERS, wrote, len(rolled_back), conflicts[0], len(deleted), ours,
          " over HTTP" if client else "", len(received), positions[0], positions[-1]))
with registry.cursor() as cr:
    tidy = api.Environment(cr, SUPERUSER_ID, {})
    tidy["millwright.reader"].search([("name", "=", TAG)]).unlink()
    tidy["res.partner"].search([("name", "=", TAG), ("user_ids", "=", False)]).write({"active": False})
    tidy["res.users"].browse(writers).active = False
print("FAILED: " + "; ".join(faults[:10]) if faults else "each committed change arrived once and in order")
