// Where the sandbox answers otherwise than a real server, and why that is accepted.

export interface Skip {
  /** Name of the case. */
  readonly name: string;
  /** Index of the step, from 0. */
  readonly step: number;
  readonly why: string;
}

export const skips: readonly Skip[] = [
  {
    name: "a Job cannot change its template",
    step: 1,
    why: "the message shows Go's internal form of the whole template; the refusal and its field are the same",
  },
  {
    name: "a custom resource of another kind or version",
    step: 1,
    why: "before it refuses the version, the real server warns of spec as an unknown field; the refusal is the same",
  },
  { name: "bodies that are no objects", step: 0, why: "the message quotes Go types; code and reason are the same" },
  { name: "bodies that are no objects", step: 1, why: "the message quotes Go types; code and reason are the same" },
  {
    name: "kinds and versions that do not fit the address",
    step: 0,
    why: "the real server complains first of the data of the other kind; code and reason are the same",
  },
  {
    name: "finalizers hold an object",
    step: 2,
    why: "the real server lists the one cause twice; code, reason and message are the same",
  },
];
