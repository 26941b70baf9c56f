// Wall-clock time and instants of a zone: gaps end at the first valid instant, overlaps count once.

const dayMs = 86_400_000;
/** No zone shifts its clock by more than a day. */
const longestShiftMs = dayMs + 3_600_000;

/** A reading of a wall clock: the milliseconds since the epoch at which a clock in UTC shows the same. */
export type Wall = number;

function zoned(instant: number, zone: string): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(instant).toZonedDateTimeISO(zone);
}

function offsetMs(instant: number, zone: string): number {
  return Math.round(zoned(instant, zone).offsetNanoseconds / 1e6);
}

/** What the clocks of the zone show at an instant. */
export function wallOf(instant: number, zone: string): Wall {
  return instant + offsetMs(instant, zone);
}

/** Every reading whose instant is not after the given one is below this bound: in an overlap they reach past its own. */
export function wallBound(instant: number, zone: string): Wall {
  const now = offsetMs(instant, zone);
  return instant + Math.max(now, offsetMs(instant - longestShiftMs, zone)) + 1;
}

export function plainOf(wall: Wall): Temporal.PlainDateTime {
  return zoned(wall, "UTC").toPlainDateTime();
}

export function wallOfPlain(plain: Temporal.PlainDateTime): Wall {
  return plain.toZonedDateTime("UTC").epochMilliseconds;
}

/** The instant of a reading: the first of two in an overlap, the end of the gap for one that never shows. */
export function instantOf(wall: Wall, zone: string): number {
  const plain = plainOf(wall);
  const earlier = plain.toZonedDateTime(zone, { disambiguation: "earlier" });
  if (earlier.toPlainDateTime().equals(plain)) return earlier.epochMilliseconds;
  return earlier.getTimeZoneTransition("next")?.epochMilliseconds ?? earlier.epochMilliseconds;
}

/** The second instant of a reading in an overlap; the only one elsewhere. */
export function laterInstantOf(wall: Wall, zone: string): number {
  return plainOf(wall).toZonedDateTime(zone, { disambiguation: "later" }).epochMilliseconds;
}
