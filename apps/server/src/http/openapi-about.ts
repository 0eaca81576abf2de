/** What holds for every route, in Markdown. */
export const ABOUT = `The system of record for what is deployed where.

**Requests.** Bodies are I-JSON (RFC 7493) in UTF-8, under \`Content-Type: application/json\`; such a body is taken
under \`application/x-www-form-urlencoded\` too, which \`curl -d\` says of whatever it sends. No member twice, no half
surrogate pair, no integer beyond 2^53 - 1, no U+0000, at most 32 levels and 256 KiB. Members and query parameters that
are not documented are refused. Times are RFC 3339 with any offset, from year 0001 to 9999. Lengths of text are counted
in code points.

**Commands.** \`Idempotency-Key\` is the id of a command, unique within its target: sent again, the same command gets the
same answer, byte for byte. Ids that begin with \`shiplog:\` are the service's own. 400, 401, 403, 413, 415, 429 and 503 are
no outcomes: the same id may be sent again.

**Reads.** Times are UTC with microseconds, always spelled alike. Answers may gain members: take those that you do not
know for absent. A page ends where \`nextCursor\` is null; the next one is at \`Link\`, or at the same request with
\`cursor\`. \`min_position\` makes a read wait for what a command has just done. HEAD answers as GET does, without a body.

**Refusals.** \`application/problem+json\` (RFC 9457); \`code\` says why. A method that a path does not have is 404
\`not_found\`, as a path that is not there. What a token does not reach is 404 as if it were not there.`;
