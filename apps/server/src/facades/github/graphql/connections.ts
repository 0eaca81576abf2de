import { GraphQLError } from 'graphql';

/** How a client asks for a stretch of a list. A cursor is the place of its item, from 0. */
export type Stretch = Readonly<{
  first?: number | null;
  last?: number | null;
  after?: string | null;
  before?: string | null;
}>;
export type Bounds = Readonly<{ from: number; to: number; total: number }>;

const MAX = 100;
const PREFIX = 'place:';

export const cursorOf = (place: number): string => Buffer.from(`${PREFIX}${place}`).toString('base64');

function placeOf(cursor: string): number {
  const place = /^place:(\d{1,9})$/.exec(Buffer.from(cursor, 'base64').toString('latin1'))?.[1];
  if (place === undefined) throw new GraphQLError(`\`${cursor.slice(0, 100)}\` does not appear to be a valid cursor.`);
  return Number(place);
}

/** From which place to which, exclusively, of a list of so many items. Throws as GitHub does where neither end says how many. */
export function boundsOf({ first, last, after, before }: Stretch, total: number, list: string): Bounds {
  if (first == null && last == null)
    throw new GraphQLError(
      `You must provide a \`first\` or \`last\` value to properly paginate the \`${list}\` connection.`,
    );
  for (const asked of [first, last])
    if (asked != null && (asked < 0 || asked > MAX))
      throw new GraphQLError(`Requesting ${asked} records on the \`${list}\` connection: it must be 0 to ${MAX}.`);
  let from = after == null ? 0 : Math.min(placeOf(after) + 1, total);
  let to = before == null ? total : Math.min(placeOf(before), total);
  if (first != null) to = Math.min(to, from + first);
  if (last != null) from = Math.max(from, to - last);
  return { from, to: Math.max(from, to), total };
}

export const pageInfoOf = ({ from, to, total }: Bounds) => ({
  startCursor: to > from ? cursorOf(from) : null,
  endCursor: to > from ? cursorOf(to - 1) : null,
  hasNextPage: to < total,
  hasPreviousPage: from > 0,
});
