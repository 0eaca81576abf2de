/**
 * The log is shorter than a position that this process was already given, or another store stands in its place: a fail-over
 * or a restore lost events. Positions are never used twice, so the process must stop; every later call throws this too.
 */
export class LogWentBack extends Error {
  override readonly name = 'LogWentBack';
}

/** Raised by the append function when the log is not the one, or shorter than, the caller has seen. */
export const LOG_WENT_BACK = 'SL001';

/** Network trouble as Node names it. */
const networkCodes = new Set(
  'ECONNREFUSED ECONNRESET ECONNABORTED EPIPE ETIMEDOUT EHOSTUNREACH ENETUNREACH ENETDOWN ENOTFOUND EAI_AGAIN ENOENT'.split(
    ' ',
  ),
);

/**
 * SQLSTATEs that say nothing about the statement: connection (08), login and database being away (28, 3D000, 55000), resources (53),
 * operator (57), system (58), a standby (25006), a session that waited too long (25P03, 55P03), lost races (40).
 */
const sqlStates = /^(08|28|40|53|57|58)...$|^(3D000|25006|25P03|55000|55P03)$/;

/** pg gives these no code. */
const driverMessages =
  /^(Connection terminated|Query read timeout|timeout (expired|exceeded)|Client (has encountered|was closed)|Cannot use a pool after calling end)/;

/** SQLSTATE of the database or code of Node; '' where there is none. */
export const codeOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string' ? error.code : '';

const messageOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : '';

/** Whether the database could not be reached or could not answer. What was asked for is then not done, or not known to be done. */
export const isUnavailable = (error: unknown): boolean => {
  const code = codeOf(error);
  return networkCodes.has(code) || sqlStates.test(code) || driverMessages.test(messageOf(error));
};

const QUERY_CANCELED = '57014';

/** Whether a statement was ended because it took longer than its connection grants it. `isUnavailable` is true of it too. */
export const isTooSlow = (error: unknown): boolean => codeOf(error) === QUERY_CANCELED;

/** Characters and escapes that no text of the database has, and numbers beyond its types. */
const unspeakable = new Set(['22021', '22P05', '22003']);

/** Whether a statement failed because of a value that the database cannot have, so that nothing it holds can be meant. */
export const isUnspeakable = (error: unknown): boolean => unspeakable.has(codeOf(error));
