import { readdirSync, readFileSync } from 'node:fs';
import type { Random } from '../support/random.js';
import { hostileHeaders, hostileTexts } from './corpus.js';
import { known } from './known.js';
import { bodyFrom, chance, pick } from './mutate.js';

/** A header is a pair and not a member: a record may have several of one name. */
export type Headers = readonly (readonly [Buffer, Buffer])[];
export type Sendable = Readonly<{
  key: Buffer | null;
  value: Buffer | null;
  headers: Headers;
  /** Of a command that nothing was done to: it has to get its outcome. */
  rightId?: string;
}>;

type Named = Readonly<Record<string, string>>;
type Command = Readonly<{ type: string; project: string; target: string; data: Readonly<Record<string, unknown>> }>;
type Golden = Readonly<{ topic: string; headers: Named; value: Command }>;
/** A command in one of the forms that a topic takes, under an id of the sender's. */
export type Right = Readonly<{
  form: 'bare' | 'binary' | 'structured';
  command: Command;
  under(id: string): Readonly<{ headers: Named; value: object }>;
}>;

const folder = new URL('../../libs/contracts/golden-messages/', import.meta.url);
const golden = readdirSync(folder)
  .sort()
  .map((file) => JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as Golden)
  .filter(({ topic }) => topic === 'commands');

const formsOf = ({ headers, value }: Golden): Right[] => {
  if (headers['ce_type'] === undefined)
    return [{ form: 'bare', command: value, under: (commandId) => ({ headers, value: { ...value, commandId } }) }];
  const event = { specversion: '1.0', type: headers['ce_type'], source: '/ci', data: value };
  return [
    { form: 'binary', command: value, under: (id) => ({ headers: { ...headers, ce_id: id }, value }) },
    {
      form: 'structured',
      command: value,
      under: (id) => ({ headers: { 'content-type': 'application/cloudevents+json' }, value: { ...event, id } }),
    },
  ];
};

const at = (sample: Golden, project: string, target: string): Golden => {
  const { data } = sample.value;
  return {
    ...sample,
    value: { ...sample.value, project, target, data: 'key' in data ? { ...data, key: target } : data },
  };
};

/** The commands of the golden messages for each of the targets that requests know, in each form. */
export const rightRecords: readonly Right[] = golden.flatMap((sample) =>
  known.parameters['project']!.flatMap((project) =>
    known.parameters['target']!.flatMap((target) => formsOf(at(sample, project, target))),
  ),
);

export const keyOf = ({ project, target }: Command): Buffer =>
  Buffer.from([project, target].map(encodeURIComponent).join('/'));

/** A record for the commands topic: a right one as it is, or one whose value, headers or key were spoiled. */
export const recordFrom = (random: Random): Sendable => {
  const right = pick(random, rightRecords);
  const id = `f${Math.floor(random() * 1e12)}`;
  const { headers, value } = right.under(id);
  const key = keyOf(right.command);
  if (chance(random, 0.3))
    return { key, value: Buffer.from(JSON.stringify(value)), headers: pairsOf(headers), rightId: id };
  return {
    key: chance(random, 0.9) ? key : pick(random, ODD_KEYS),
    value: chance(random, 0.02) ? null : bodyFrom(value, random),
    headers: chance(random, 0.4) ? pairsOf(headers) : spoiled(pairsOf(headers), random),
  };
};

const pairsOf = (headers: Named): Headers =>
  Object.entries(headers).map(([name, value]) => [Buffer.from(name), Buffer.from(value)]);

const spoiled = (headers: Headers, random: Random): Headers => {
  let changed = [...headers];
  for (let times = 1 + Math.floor(random() * 3); times > 0; times -= 1)
    changed = chance(random, 0.2)
      ? changed.slice(0, -1)
      : [...changed, [Buffer.from(pick(random, HEADERS), 'latin1'), hostileValue(random)]];
  return changed;
};

const hostileValue = (random: Random): Buffer =>
  chance(random, 0.5)
    ? Buffer.from(pick(random, hostileHeaders), 'latin1')
    : Buffer.from(pick(random, hostileTexts).slice(0, 4_000));

const HEADERS = [
  ...['ce_specversion', 'ce_id', 'ce_type', 'ce_time', 'ce_source', 'ce_traceparent', 'content-type', 'traceparent'],
  // What a dead letter says of itself.
  ...['shiplog-reason', 'shiplog-topic', 'shiplog-partition', 'shiplog-offset'],
  ...['', 'constructor', '__proto__', 'toString', 'a\u0000b', '\r\nx', '\xff\xfe', 'n'.repeat(5_000)],
];

const ODD_KEYS = [
  null,
  Buffer.alloc(0),
  Buffer.from([0xff, 0xfe]),
  Buffer.alloc(5_000, 'k'),
  Buffer.from('other/target'),
];
