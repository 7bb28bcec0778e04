#!/usr/bin/env python3
"""Writes what APScheduler 3 says about cron expressions, for tests/schedules/upstream.rs.

    pip install 'apscheduler==3.11.3'
    python3 tests/oracles/apscheduler_cron.py

The fields are passed one by one, as Ordinaut does. `next` is null where APScheduler refuses the expression. Cases
whose instants span a change of the offset are left out: the comparison in ordctl is about the fields.
"""
import json
import random
from datetime import datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

from apscheduler.triggers.cron import CronTrigger

ZONES = ["UTC", "Europe/Chisinau", "America/New_York", "Asia/Kolkata"]
FIXTURE = Path(__file__).resolve().parent.parent / "fixtures" / "oracle_apscheduler.jsonl"
DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
random.seed(20261129)

# Forms at the edge of the syntax; the third and the fifth field matter.
EDGES = ["0 9 * * 0", "0 9 * * 6", "0 9 * * 7", "0 9 * * 1-5", "0 9 * * */2", "0 9 * * 2/2", "0 9 * * 0-6", "0 9 * * 5-6",
         "0 9 * * sun", "0 9 * * mon-fri", "0 9 * * MON,Wed", "0 9 * * sat-sun", "0 9 * * sun-tue", "0 9 * * mon-fri/2",
         "0 9 * * mon/2", "0 9 * * 0,sun", "0 9 * * monday", "0 9 13 * 4", "0 9 13 * fri", "0 9 1-7 * 0", "0 9 */2 * 0",
         "0 9 1-31 * 2", "0 9 15 * 0-6", "0 9 last * *", "0 9 LAST * *", "0 9 lastday * *", "0 9 15,last * *",
         "0 9 last * fri", "0 9 last 2 *", "0 9 last-1 * *", "0 9 31 * *", "0 9 30 2 *", "0 9 29 2 0", "0 9 0 * *",
         "*/60 * * * *", "*/59 * * * *", "*/90 * * * *", "*/0 * * * *", "5/15 * * * *", "59/1 * * * *", "5-5/1 * * * *",
         "0-0/1 * * * *", "10-5 * * * *", "60 * * * *", "0 24 * * *", "0 */23 * * *", "0 */24 * * *", "0 0 */31 * *",
         "0 0 */30 * *", "0 0 1 */12 *", "0 0 1 jan,jul *", "0 0 1 jan-mar *", "0 0 1 13 *", "1,,2 * * * *", "* * * *",
         "* * * * * *", "@daily", "@weekly", "x * * * *", "-1 * * * *", "1- * * * *", "*-5 * * * *", "0 9 L * *",
         "0 9 * * 5L", "0 9 * * 1#2", "0 9 15W * *", "0 9 ? * *", "*/15 9-17 * * 0-4", "*/5 * * * 0-5", "* * * * *"]


def field(low, high, star, names=()):
    kind = random.random()
    if kind < star:
        return "*"
    if kind < star + 0.1:
        return f"*/{random.randint(1, high - low + 1)}"
    if kind < star + 0.15:
        return f"{random.randint(low, high)}/{random.randint(1, 4)}"
    if kind < star + 0.3:
        first, last = random.randint(low, high), random.randint(low, high)
        if names and random.random() < 0.5:
            return f"{names[first - low]}-{names[last - low]}"
        first, last = sorted((first, last)) if random.random() < 0.9 else (first, last)
        return f"{first}-{last}" if random.random() < 0.6 else f"{first}-{last}/{random.randint(1, 4)}"
    values = [random.randint(low, high) for _ in range(random.choice([1, 1, 1, 2, 3]))]
    return ",".join(names[n - low] if names and random.random() < 0.4 else str(n) for n in values)


def expression():
    day = field(1, 31, 0.4)
    if random.random() < 0.15:
        day = random.choice(["last", f"{day},last" if day != "*" else "last"])
    return " ".join([field(0, 59, 0.1), field(0, 23, 0.2), day, field(1, 12, 0.7, MONTHS), field(0, 6, 0.3, DAYS)])


def instants(expr, zone, after):
    parts = expr.split()
    if len(parts) != 5:
        return None
    try:
        trigger = CronTrigger(minute=parts[0], hour=parts[1], day=parts[2], month=parts[3], day_of_week=parts[4],
                              timezone=zone)
    except ValueError:
        return None
    found, at = [], after.astimezone(zone) + timedelta(microseconds=1)
    while len(found) < 5:
        at = trigger.get_next_fire_time(None, at)
        if at is None:
            break
        found.append(at)
        at = at + timedelta(microseconds=1)
    return found


def case(expr):
    while True:
        name = random.choice(ZONES)
        zone = ZoneInfo(name)
        after = datetime(2024, 1, 1, tzinfo=timezone.utc) + timedelta(minutes=random.randint(0, 2 * 365 * 1440))
        found = instants(expr, zone, after)
        offsets = {at.utcoffset() for at in [after.astimezone(zone), *(found or [])]}
        if len(offsets) > 1 and name != "UTC":
            continue
        shown = None if found is None else [at.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ") for at in found]
        return {"expr": expr, "zone": name, "after": after.strftime("%Y-%m-%dT%H:%M:%SZ"), "next": shown}


with open(FIXTURE, "w") as out:
    for expr in EDGES + [expression() for _ in range(1000 - len(EDGES))]:
        out.write(json.dumps(case(expr), separators=(",", ":")) + "\n")
