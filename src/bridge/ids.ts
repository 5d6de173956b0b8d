/** What everything that the studio keeps is told apart by. Types, no code. */

/** An id that the studio gave: of a project, dataset, run or job. */
export type Id = string;

/** Milliseconds since 1970. */
export type Time = number;
