// A field that somebody changes back again and again: how often it was put right, and how long the next time waits.

import type { ObjectRef, Repair } from "@plumbline/core/model";

/** Repairs within `BURST_MS` that are made at once; the next ones wait longer and longer. */
const IMMEDIATE_REPAIRS = 3;
const BURST_MS = 60_000;
const FIRST_DELAY_MS = 10_000;
/** Doubling ends here anyway: the interval is the limit. */
const MAX_LEVEL = 24;
/** Repairs older than this no longer count towards a fight; an object that is left alone for so long has peace. */
const MEMORY_MS = 10 * 60_000;
/** One field put right this often within `MEMORY_MS` is contested: whoever changes it once more does it for the sixth time. */
const CONTESTED_REPAIRS = 5;
/** What is told of a fight names this many fields and managers. */
const MAX_NAMED = 3;
/** Stands for the object as a whole, which somebody deletes again and again. */
const WHOLE_OBJECT = "";

export interface Fight {
  ref: ObjectRef;
  /** Repairs of the last ten minutes, oldest first; times are monotonic milliseconds. */
  repairs: readonly { atMs: number; fields: readonly string[] }[];
  /** How often in a row the wait was doubled; 0 while repairs are made at once. */
  level: number;
  /** Field managers that wrote it, the latest first. */
  rivals: readonly string[];
  /** One field was put right so often that people are told. Stays until there is peace. */
  isContested: boolean;
}

/** The fight after one more repair; `before` is undefined for the first one. */
export function afterRepair(before: Fight | undefined, repair: Repair, nowMs: number): Fight {
  const fields = repair.fields.length > 0 ? repair.fields : [WHOLE_OBJECT];
  const remembered = (before?.repairs ?? []).filter(({ atMs }) => nowMs - atMs < MEMORY_MS);
  const repairs = [...remembered, { atMs: nowMs, fields }];
  const burst = repairs.filter(({ atMs }) => nowMs - atMs < BURST_MS).length;
  const isContested = before?.isContested === true || (contestedFields(repairs)[0]?.times ?? 0) >= CONTESTED_REPAIRS;
  const level = before?.level ?? 0;
  const isDamped = level > 0 || isContested || burst >= IMMEDIATE_REPAIRS;
  const rivals = [...new Set([...repair.managers, ...(before?.rivals ?? [])])].slice(0, MAX_NAMED);
  return { ref: repair.ref, repairs, level: isDamped ? Math.min(level + 1, MAX_LEVEL) : 0, rivals, isContested };
}

/** Milliseconds until the next repair may be made; never more than the interval after the last one. */
export function repairDelayMs(fight: Fight | undefined, nowMs: number, intervalMs: number): number {
  const last = fight?.repairs.at(-1);
  if (!fight || !last || fight.level === 0) return 0;
  const wait = Math.min(FIRST_DELAY_MS * 2 ** (fight.level - 1), intervalMs);
  return Math.max(0, wait - (nowMs - last.atMs));
}

/** Milliseconds until an object that nobody touches any more has peace. */
export function peaceInMs(fight: Fight, nowMs: number): number {
  return Math.max(0, MEMORY_MS - (nowMs - (fight.repairs.at(-1)?.atMs ?? nowMs)));
}

/** The fields that were put right most often, the first the most; empty text for the object as a whole. */
export function contestedFields(repairs: Fight["repairs"]): { field: string; times: number }[] {
  const counts = new Map<string, number>();
  for (const { fields } of repairs) for (const field of fields) counts.set(field, (counts.get(field) ?? 0) + 1);
  return [...counts].map(([field, times]) => ({ field, times })).sort((a, b) => b.times - a.times);
}

/** Who fights over what, as the object of a sentence; the same as long as the same fields are fought over. */
export function describeFight(fight: Fight): string {
  const top = contestedFields(fight.repairs);
  const most = top[0]?.times ?? 0;
  const fields = top.filter(({ times }) => times * 2 > most).map(({ field }) => field);
  const who = fight.rivals.length > 0 ? ` by ${[...fight.rivals].sort().join(", ")}` : "";
  if (fields.includes(WHOLE_OBJECT)) return `is deleted again and again${who}`;
  const named = fields.sort().slice(0, MAX_NAMED);
  const more = fields.length > MAX_NAMED ? ` and ${fields.length - MAX_NAMED} more` : "";
  return `${named.join(", ")}${more} is changed back again and again${who}`;
}
