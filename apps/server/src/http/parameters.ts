import {
  deploymentEventTypes,
  environmentTypes,
  isKey,
  statuses,
  targetEventTypes,
  toTime,
  type EventType,
  type Time,
} from '#domain';
import { axes } from '#projections';

/** A query parameter: what reads it, what the refusal says, and what documents it. */
type Parameter<T> = Readonly<{
  about: string;
  schema: Readonly<Record<string, unknown>>;
  /** Undefined where the text is none of its values. */
  read: (text: string) => T | undefined;
  must: string;
  /** May be given several times; read as a list. */
  many?: true;
  /** What it is called in queries, where that is the name of another one too. */
  called?: string;
}>;

const integer = (from: number, to: number, about: string): Parameter<number> => ({
  about,
  schema: { type: 'integer', minimum: from, maximum: to },
  read: (text) => (/^\d{1,16}$/.test(text) && Number(text) >= from && Number(text) <= to ? Number(text) : undefined),
  must: `must be an integer from ${from} to ${to}`,
});

const oneOf = <T extends string>(allowed: readonly T[], about: string): Parameter<T> => ({
  about,
  schema: { type: 'string', enum: allowed },
  read: (text) => allowed.find((each) => each === text),
  must: `must be one of ${allowed.join(', ')}`,
});

const key = (about: string): Parameter<string> => ({
  about,
  schema: { type: 'string', minLength: 1, maxLength: 200 },
  read: (text) => (isKey(text) ? text : undefined),
  must: 'must be a key of 1 to 200 characters',
});

const MAX_TEXT = 1_000;
/** The longest place is two keys of 200 characters, each of four bytes. */
const MAX_CURSOR = 4_000;
const text = (about: string, max = MAX_TEXT): Parameter<string> => ({
  about,
  schema: { type: 'string', minLength: 1, maxLength: max },
  read: (given) => (given !== '' && given.length <= max && !/\p{Cc}/u.test(given) ? given : undefined),
  must: `must be 1 to ${max} characters without control characters`,
});

const time = (about: string): Parameter<Time> => ({
  about,
  schema: { type: 'string', format: 'date-time' },
  // The plus of an offset as a URL has it, where forms have a space.
  read: (given) => toTime(given.replace(/ (?=\d\d:\d\d$)/, '+')),
  must: 'must be a time of RFC 3339, such as 2026-11-20T10:00:00Z',
});

const eventTypes: readonly EventType[] = [...targetEventTypes, ...deploymentEventTypes];

/** Every parameter that a read may have. */
export const parameters = {
  project: key('Only of this project.'),
  target: key('Only of targets with this key.'),
  environmentType: oneOf(environmentTypes, 'Only of targets of this type.'),
  at: time('As it stood at this moment; now unless given.'),
  by: oneOf(
    axes,
    'Whether a moment is one at which events were recorded or at which things happened; recorded unless given.',
  ),
  status: oneOf(statuses, 'Only deployments that have this status.'),
  version: text('Only deployments of this version.'),
  repository: text('Only deployments with a commit ref of this repository.'),
  branch: text('Only deployments with a commit ref of this branch; `refs/heads/` makes no difference.'),
  commit: text('Only deployments with a commit ref of this commit.'),
  actor: text('Only deployments that the actor with this id created.'),
  from: time('Only deployments created at this moment or later.'),
  to: time('Only deployments created before this moment.'),
  type: { ...oneOf(eventTypes, 'Only events of this type; may be given several times.'), many: true },
  after: integer(0, Number.MAX_SAFE_INTEGER, 'Only events behind this position.'),
  hashes: oneOf(
    ['true', 'false'],
    'With the hash of each event and all that it was made from, up to the newest checkpoint; NDJSON only, and without filters.',
  ),
  size: integer(
    1,
    Number.MAX_SAFE_INTEGER,
    'Of the checkpoint: over how many events it was signed; the newest one unless given.',
  ),
  fromSize: {
    ...integer(1, Number.MAX_SAFE_INTEGER, 'How many events the smaller tree is over.'),
    called: 'from',
  },
  toSize: {
    ...integer(
      1,
      Number.MAX_SAFE_INTEGER,
      'How many events the larger tree is over; the newest checkpoint unless given.',
    ),
    called: 'to',
  },
  limit: integer(1, 200, 'How many items a page has at most; 50 unless given.'),
  cursor: text('Where the page begins: `nextCursor` of the one before.', MAX_CURSOR),
  min_position: integer(0, Number.MAX_SAFE_INTEGER, 'Wait up to 5 s until the view has reached this position.'),
} satisfies Record<string, Parameter<unknown>>;

export type ParameterName = keyof typeof parameters;
type Value<N extends ParameterName> = NonNullable<ReturnType<(typeof parameters)[N]['read']>>;
/** The parameters that were given. */
export type Query<N extends ParameterName = ParameterName> = {
  readonly [P in N]?: (typeof parameters)[P] extends { many: true } ? ReadonlyArray<Value<P>> : Value<P>;
};

/** What a parameter is called in queries. */
export const callOf = (name: ParameterName): string => {
  const parameter: Parameter<unknown> = parameters[name];
  return parameter.called ?? name;
};
