/** Names by which Nest hands out what is no class of ours to construct. */
export const CONFIG = Symbol('Config');
export const LOG = Symbol('Log');
/** Connections for requests. */
export const POOL = Symbol('Pool');
/** Connections for whoever reads much of the log: the others do not wait for them. */
export const LOG_POOL = Symbol('Pool of the readers of the log');
/** Connections for loops. */
export const WORK_POOL = Symbol('Pool of the loops');
/** Connections for the names of people, without which no command of theirs is written or answered: readers do not take them. */
export const PEOPLE_POOL = Symbol('Pool of the names of people');
/** All of them, by name. */
export const POOLS = Symbol('Pools');
export const TRACING = Symbol('Tracing');
export const LOOKUPS = Symbol('Lookups');
