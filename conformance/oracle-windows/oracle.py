"""Expands schedules with croniter and zoneinfo: cases as JSON on stdin, merged [start, end] lists (ms) on stdout."""
import json
import sys
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from croniter import croniter

UTC = timezone.utc


def to_instant(wall, zone):
    """First instant of a wall-clock time; the end of the gap for one that never shows."""
    first = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if first.astimezone(zone).replace(tzinfo=None) == wall:
        return first
    # In a gap the two folds bracket the change of offset: halve the bracket down to the second.
    low, high = sorted((first, wall.replace(tzinfo=zone, fold=1).astimezone(UTC)))
    before = low.astimezone(zone).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = (low + (high - low) / 2).replace(microsecond=0)
        if middle.astimezone(zone).utcoffset() == before:
            low = middle
        else:
            high = middle
    return high


def expand(case):
    zone = ZoneInfo(case["zone"])
    first = datetime.fromisoformat(case["from"])
    last = datetime.fromisoformat(case["to"])
    opens = croniter(case["open"], first)
    merged = []
    while (wall := opens.get_next(datetime)) < last:
        start = to_instant(wall, zone)
        if "close" in case:
            end = to_instant(croniter(case["close"], wall).get_next(datetime), zone)
        else:
            shown = start.astimezone(zone).replace(tzinfo=None)
            end = to_instant(shown + timedelta(minutes=case["minutes"]), zone)
        if end <= start:
            continue
        if merged and start <= merged[-1][1]:
            merged[-1][1] = max(merged[-1][1], end)
        else:
            merged.append([start, end])
    return [[int(a.timestamp() * 1000), int(b.timestamp() * 1000)] for a, b in merged]


json.dump([expand(case) for case in json.load(sys.stdin)], sys.stdout)
