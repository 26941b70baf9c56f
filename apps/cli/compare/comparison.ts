// What a comparison of a live Flux cluster with its repositories found, as one value that text, JSON and exit code read.

import type { ChangeRule, ChangedField } from "@plumbline/engine/preview";

export interface ObjectChange {
  /** `Kind/namespace/name` */
  object: string;
  action: "create" | "update" | "delete";
  rule: ChangeRule;
  why: string;
  /** Values of Secrets are masked. */
  fields: ChangedField[];
}

/** An object that a run leaves alone although it could write or delete it. */
export interface KeptObject {
  object: string;
  why: string;
}

export interface Problem {
  reason: string;
  message: string;
  hint: string | undefined;
}

export type Verdict =
  /** A run would write nothing. */
  | "same"
  /** A run would write or delete `changes`. */
  | "changes"
  /** A run would end with `problem` before it writes anything. */
  | "fails"
  /** It stands still, with Flux and with Plumbline. */
  | "suspended"
  /** Its spec needs what this version does not do. */
  | "unsupported"
  /** Something that is needed for the answer could not be had. */
  | "unknown";

export interface KustomizationComparison {
  namespace: string;
  name: string;
  verdict: Verdict;
  /** Newest revision of its source; undefined where the source was not read. */
  revision: string | undefined;
  /** What Flux applied last. */
  appliedRevision: string | undefined;
  /** Those compared; those of the inventory where nothing was compared. */
  objects: number;
  changes: ObjectChange[];
  kept: KeptObject[];
  problem: Problem | undefined;
  /** Flux's Ready condition is False: with `fails`, nothing changes by switching. */
  failsWithFlux: boolean;
  /** Flux's words where it fails. */
  fluxMessage: string | undefined;
  notes: string[];
}

/** Objects of Flux's other kinds, which this version does not serve. */
export interface OtherKind {
  kind: string;
  count: number;
}

export interface Comparison {
  kustomizations: KustomizationComparison[];
  others: OtherKind[];
}

export interface Summary {
  kustomizations: number;
  /** Compared objects. */
  objects: number;
  wouldChange: number;
  /** Kustomizations that would fail where they do not fail with Flux. */
  wouldFail: number;
  suspended: number;
  /** Kustomizations and objects of other kinds that nothing can be said of. */
  notCompared: number;
}

export function summarize({ kustomizations, others }: Comparison): Summary {
  const having = (...verdicts: Verdict[]): KustomizationComparison[] =>
    kustomizations.filter(({ verdict }) => verdicts.includes(verdict));
  const sum = (numbers: number[]): number => numbers.reduce((total, one) => total + one, 0);
  return {
    kustomizations: kustomizations.length,
    objects: sum(having("same", "changes", "fails").map(({ objects }) => objects)),
    wouldChange: sum(having("changes").map(({ changes }) => changes.length)),
    wouldFail: having("fails").filter(({ failsWithFlux }) => !failsWithFlux).length,
    suspended: having("suspended").length,
    notCompared: having("unsupported", "unknown").length + sum(others.map(({ count }) => count)),
  };
}

/** 0: nothing would change; 1: something would; 2: nothing is known to, but not everything could be compared. */
export function exitCodeOf(comparison: Comparison): 0 | 1 | 2 {
  const { wouldChange, wouldFail, notCompared } = summarize(comparison);
  if (wouldChange + wouldFail > 0) return 1;
  return notCompared > 0 ? 2 : 0;
}
