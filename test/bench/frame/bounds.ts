/** What a row compares, and how far apart the two sides must and should be. `high`: ours may not be below; `low`: nor above. */
export type Bound = Readonly<{
  what: string;
  unit: string;
  good: 'high' | 'low';
  must: number;
  aim: number;
}>;

/** The dialects that have calls in `rest/dialect-calls.ts`. */
export const measuredDialects = ['github', 'gitlab', 'jira', 'space', 'versioner', 'devlake', 'cdevents'] as const;
export type MeasuredDialect = (typeof measuredDialects)[number];

const dialectCalls = {
  report: 'reporting a deployment from beginning to end',
  one: 'reading a deployment',
  list: 'reading a list of 30 deployments',
};
export type DialectCall = keyof typeof dialectCalls;
export type DialectRow = `${MeasuredDialect} ${DialectCall}/native`;

const dialectRow = (dialect: MeasuredDialect, call: DialectCall): [DialectRow, Bound] => [
  `${dialect} ${call}/native`,
  {
    what: `${dialectCalls[call]} in the dialect ${dialect} : the same natively, what one caller waits`,
    unit: 'ms',
    good: 'low',
    must: 1.25,
    aim: 1.1,
  },
];
const dialectRows = measuredDialects.flatMap((dialect) =>
  (Object.keys(dialectCalls) as DialectCall[]).map((call) => dialectRow(dialect, call)),
);

/**
 * Every row of the table. Ratios are ours to theirs, and only they are bounds; a latency has no other side and is its own, and
 * so are the seconds of the verifier, which were promised as such.
 */
export const bounds = {
  'commands/emmett': {
    what: "commands through the waist : Emmett's command handler",
    unit: 'commands/s',
    good: 'high',
    must: 15,
    aim: 25,
  },
  'commands/message-db': {
    what: 'commands through the waist : message-db write_message',
    unit: 'commands/s',
    good: 'high',
    must: 10,
    aim: 20,
  },
  'commands/raw-insert': {
    what: 'commands through the waist : INSERT of the same rows by binary unnest',
    unit: 'commands/s',
    good: 'high',
    must: 0.45,
    aim: 0.65,
  },
  'one-caller/emmett': { what: "median of one caller : Emmett's", unit: 'ms', good: 'low', must: 0.6, aim: 0.4 },
  'hot-target/emmett': {
    what: 'commands on one target : Emmett on one stream',
    unit: 'commands/s',
    good: 'high',
    must: 50,
    aim: 100,
  },
  'last/first million': {
    what: 'commands through the waist, the last of five million events : the first of them',
    unit: 'commands/s',
    good: 'high',
    must: 0.85,
    aim: 0.97,
  },
  'slow disk/disk': {
    what: 'commands through the waist, each fdatasync 1 ms longer : as it is',
    unit: 'commands/s',
    good: 'high',
    must: 0.6,
    aim: 0.75,
  },
  'replicas/one': {
    what: 'commands through three replicas on the same targets : through one',
    unit: 'commands/s',
    good: 'high',
    must: 0.5,
    aim: 0.8,
  },
  'missed by a tailer': {
    what: 'events that a naive reader by position missed or got out of order',
    unit: 'events',
    good: 'low',
    must: 0,
    aim: 0,
  },
  'rest-finish/bare': {
    what: 'POST …/finish : bare Fastify, Ajv and the same append',
    unit: 'requests/s',
    good: 'high',
    must: 0.65,
    aim: 0.85,
  },
  'rest-current/pool': {
    what: 'GET …/current : bare Fastify, pg.Pool and the same row',
    unit: 'requests/s',
    good: 'high',
    must: 2,
    aim: 3,
  },
  'rest-list/sql': {
    what: 'GET /current of 1,000 targets : the one SQL query sent as text',
    unit: 'pages/s',
    good: 'high',
    must: 0.6,
    aim: 0.85,
  },
  'current-at/now': {
    what: 'GET /current?at= of 1,000 targets : the same without at',
    unit: 'ms',
    good: 'low',
    must: 1.5,
    aim: 1.1,
  },
  'current-at/now, one': {
    what: 'GET …/current?at= of one target : the same without at',
    unit: 'ms',
    good: 'low',
    must: 1.5,
    aim: 1.1,
  },
  'export/copy': {
    what: 'GET /events as NDJSON : COPY … TO STDOUT through Node',
    unit: 'events/s',
    good: 'high',
    must: 0.5,
    aim: 0.8,
  },
  'rebuild current/keyset': {
    what: 'rebuild of the view current : reading the same events by keyset',
    unit: 'events/s',
    good: 'high',
    must: 0.8,
    aim: 1.3,
  },
  'rebuild deployments/keyset': {
    what: 'rebuild of the view deployments : reading the same events by keyset',
    unit: 'events/s',
    good: 'high',
    must: 0.8,
    aim: 1.3,
  },
  'views/waist': {
    what: 'commands at which all views stay less than a second behind : through the waist alone',
    unit: 'commands/s',
    good: 'high',
    must: 0.3,
    aim: 0.5,
  },
  'relay/kafkajs': {
    what: 'the relay alone : kafkajs producing the same records',
    unit: 'records/s',
    good: 'high',
    must: 0.75,
    aim: 0.95,
  },
  'kafka-commands/kafkajs': {
    what: 'command on Kafka to outcome and events on Kafka : kafkajs that sends the same bytes, made ready',
    unit: 'commands/s',
    good: 'high',
    must: 0.5,
    aim: 0.75,
  },
  'latency, p50': {
    what: 'from the answer over HTTP to the event readable on Kafka, median',
    unit: 'ms',
    good: 'low',
    must: 25,
    aim: 8,
  },
  'latency, p99': {
    what: 'from the answer over HTTP to the event readable on Kafka, 99 of 100',
    unit: 'ms',
    good: 'low',
    must: 150,
    aim: 40,
  },
  'verify a million': {
    what: 'an export of a million events verified by shiplog-verify, from the start of its process to its end',
    unit: 's',
    good: 'low',
    must: 10,
    aim: 8,
  },
  ...(Object.fromEntries(dialectRows) as Record<DialectRow, Bound>),
} satisfies Record<string, Bound>;

export type RowName = keyof typeof bounds;

/** The service stays below it at every row. */
export const MAX_MEGABYTES = 350;
