#!/usr/bin/env python3
"""Writes what independent programs say about random schedules, for tests/schedules/oracles.rs.

    pip install cronsim python-dateutil
    python3 tests/oracles/schedules.py

cron: cronsim, which follows Debian's cron with its rules for changes of summer time. Expressions are
restricted to five POSIX fields, as ordctl's are. Two things are left out in which cronsim differs:
a range of one with a step, such as 3-3/2, which it reads as 3-31/2; and interval rules (the minute or
hour field begins with a star) in zones whose change is no whole hour, after which it keeps minutes
from before the change.

rrule: dateutil, on naive wall-clock times. The zone is applied here, by RFC 5545 §3.3.5: a time that
comes twice means the first; one that does not exist is read by the offset before the gap. Then the
instants are sorted and each is kept once.
"""
import json
import random
from datetime import datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError
from dateutil.rrule import rrulestr

UTC = timezone.utc
ZONES = ["UTC", "Europe/Chisinau", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo", "America/Asuncion",
         "Asia/Kolkata", "Pacific/Apia", "Europe/London", "America/St_Johns"]
FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"
random.seed(20261121)


def changes(zone):
    """Instants from 2020 to 2026 at which the offset changes."""
    found, at = [], datetime(2020, 1, 1, tzinfo=UTC)
    while at < datetime(2027, 1, 1, tzinfo=UTC):
        after = at + timedelta(hours=6)
        if at.astimezone(zone).utcoffset() != after.astimezone(zone).utcoffset():
            low, high = at, after
            while high - low > timedelta(seconds=1):
                middle = low + (high - low) / 2
                if middle.astimezone(zone).utcoffset() == at.astimezone(zone).utcoffset():
                    low = middle
                else:
                    high = middle
            found.append(high.replace(microsecond=0))
        at = after
    return found


CHANGES = {name: changes(ZoneInfo(name)) for name in ZONES}


def instant(name):
    """A random instant, every other one close to a change."""
    near = CHANGES[name]
    if near and random.random() < 0.5:
        return random.choice(near) + timedelta(seconds=random.randint(-3 * 86400, 2 * 86400))
    return datetime(2020, 1, 1, tzinfo=UTC) + timedelta(seconds=random.randint(0, 6 * 365 * 86400))


def field(low, high, star):
    kind = random.random()
    if kind < star:
        return "*"
    if kind < star + 0.12:
        return f"*/{random.randint(2, max(2, (high - low) // 2))}"
    if kind < star + 0.25:
        a = random.randint(low, high - 1)
        b = random.randint(a + 1, high)
        return f"{a}-{b}" if random.random() < 0.5 else f"{a}-{b}/{random.randint(1, 5)}"
    return ",".join(str(random.randint(low, high)) for _ in range(random.choice([1, 1, 1, 2, 3])))


def cron():
    while True:
        expr = " ".join([field(0, 59, 0.2), field(0, 23, 0.3), field(1, 31, 0.6), field(1, 12, 0.7), field(0, 7, 0.6)])
        zone = random.choice(ZONES)
        interval = any(part.startswith("*") for part in expr.split()[:2])
        if interval and zone == "Australia/Lord_Howe":
            continue
        after = instant(zone)
        try:
            rule = CronSim(expr, after.astimezone(ZoneInfo(zone)))
            found = []
            while len(found) < 5:
                at = next(rule).astimezone(UTC)
                # What a gap has moved may coincide with the next.
                if at > after and (not found or at > found[-1]):
                    found.append(at)
        except (CronSimError, StopIteration):
            continue
        return {"expr": expr, "zone": zone, "after": text(after), "next": [text(t) for t in found]}


def text(at):
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def resolve(wall, zone):
    """RFC 5545: fold 0 is the first of two, and the offset before a gap."""
    return wall.replace(tzinfo=zone, fold=0).astimezone(UTC)


def some(low, high, most=3):
    return ",".join(str(n) for n in sorted(random.sample(range(low, high + 1), random.randint(1, most))))


DAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]


def recurrence():
    freq = random.choice(["YEARLY", "MONTHLY", "MONTHLY", "WEEKLY", "WEEKLY", "DAILY", "DAILY", "HOURLY", "MINUTELY", "SECONDLY"])
    parts = [f"FREQ={freq}"]
    if random.random() < 0.5:
        parts.append(f"INTERVAL={random.randint(1, 6 if freq in ('YEARLY', 'MONTHLY') else 40)}")
    if random.random() < 0.25:
        parts.append(f"BYMONTH={some(1, 12, 4)}")
    days = freq in ("YEARLY", "MONTHLY")
    if days and random.random() < 0.3:
        parts.append("BYMONTHDAY=" + random.choice([some(1, 31), "-1", "-2,-1", "15,31"]))
    if random.random() < 0.35 and freq != "YEARLY":
        chosen = random.sample(DAYS, random.randint(1, 4))
        ordinal = freq == "MONTHLY" and random.random() < 0.5
        parts.append("BYDAY=" + ",".join((random.choice(["1", "2", "-1", "3"]) if ordinal else "") + d for d in chosen))
    if freq in ("YEARLY", "MONTHLY", "WEEKLY", "DAILY") and random.random() < 0.4:
        parts.append(f"BYHOUR={some(0, 23)}")
    if freq not in ("MINUTELY", "SECONDLY") and random.random() < 0.3:
        parts.append(f"BYMINUTE={some(0, 59)}")
    if days and any(p.startswith("BY") for p in parts) and random.random() < 0.2:
        parts.append("BYSETPOS=" + random.choice(["1", "-1", "2"]))
    if freq == "WEEKLY" and random.random() < 0.3:
        parts.append("WKST=" + random.choice(["SU", "MO"]))
    return parts, freq


def rrule():
    while True:
        name = random.choice(ZONES)
        zone = ZoneInfo(name)
        after = instant(name)
        parts, freq = recurrence()
        back = timedelta(days=random.randint(0, 2 if freq == "SECONDLY" else 20 if freq == "MINUTELY" else 700))
        start = (after - back).astimezone(zone).replace(tzinfo=None, microsecond=0)
        if random.random() < 0.2:
            parts.append(f"COUNT={random.randint(1, 400)}")
        elif random.random() < 0.2:
            parts.append(f"UNTIL={(start + timedelta(days=random.randint(1, 900))).strftime('%Y%m%dT%H%M%S')}")
        rule = ";".join(parts)
        try:
            source = rrulestr(f"DTSTART:{start.strftime('%Y%m%dT%H%M%S')}\nRRULE:{rule}")
            # No change of these years is larger than an hour.
            low = after.astimezone(zone).replace(tzinfo=None) - timedelta(hours=2)
            walls, later = [], 0
            for wall in source.xafter(low, inc=True):
                walls.append(wall)
                later += resolve(wall, zone) > after + timedelta(hours=2)
                if later >= 5:
                    break
        except (ValueError, IndexError):
            continue
        found = sorted({at for at in (resolve(w, zone) for w in walls) if at > after})[:5]
        how = random.random()
        stamp = start.strftime("%Y%m%dT%H%M%S")
        expr = f"RRULE:{rule}" if how < 0.3 else rule
        anchor = resolve(start, zone)
        # An anchor in an overlap or a gap would be read back as another wall-clock time.
        if anchor.astimezone(zone).replace(tzinfo=None) != start:
            continue
        if how > 0.8:
            expr = f"DTSTART;TZID={name}:{stamp}\nRRULE:{rule}"
        return {"expr": expr, "zone": name, "anchor": text(anchor), "after": text(after), "next": [text(t) for t in found]}


def write(file, make):
    with open(FIXTURES / file, "w") as out:
        for _ in range(1000):
            out.write(json.dumps(make(), separators=(",", ":")) + "\n")


def by_day():
    """Numbered weekdays, over all ordinals. dateutil requires numbered and plain ones at once, so they are not mixed."""
    while True:
        freq = random.choice(["MONTHLY", "MONTHLY", "YEARLY"])
        months = freq == "YEARLY" and random.random() < 0.4
        most = 5 if freq == "MONTHLY" or months else 53
        parts = [f"FREQ={freq}"]
        if months:
            parts.append(f"BYMONTH={some(1, 12, 4)}")
        if freq == "MONTHLY" and random.random() < 0.4:
            parts.append(f"INTERVAL={random.randint(2, 7)}")
        low = [-most, -most, -most, -most + 1, most]
        ordinals = [random.choice(low) if random.random() < 0.6 else random.choice([-1, 1]) * random.randint(1, most)
                    for _ in range(random.randint(1, 3))]
        parts.append("BYDAY=" + ",".join(f"{random.choice(['', '+']) if n > 0 else ''}{n}{random.choice(DAYS)}" for n in ordinals))
        if random.random() < 0.2:
            parts.append(f"BYMONTHDAY={some(1, 31)}" if random.random() < 0.5 else "BYMONTHDAY=1,2,3,29,30,-1")
        if random.random() < 0.3:
            parts.append(f"COUNT={random.randint(1, 40)}")
        start = datetime(random.randint(2000, 2024), random.randint(1, 12), random.randint(1, 28), 9)
        after = start + timedelta(days=random.randint(-10, 1200))
        stamp = start.strftime("%Y%m%dT%H%M%S")
        source = rrulestr(f"DTSTART:{stamp}\nRRULE:{';'.join(parts)}")
        if not source.after(start - timedelta(seconds=1)):
            continue
        found = [w.replace(tzinfo=UTC) for w in source.xafter(after, count=5)]
        anchor = start.replace(tzinfo=UTC)
        return {"expr": ";".join(parts), "zone": "UTC", "anchor": text(anchor), "after": text(after.replace(tzinfo=UTC)),
                "next": [text(t) for t in found]}


write("oracle_cron.jsonl", cron)
write("oracle_rrule.jsonl", rrule)
write("oracle_by_day.jsonl", by_day)
