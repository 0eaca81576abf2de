/** SQL that renders a timestamptz as a `Timestamp`: `2026-11-20T10:00:00.000000Z`. */
export const asTimestamp = (expression: string): string =>
  `to_char(${expression} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
