import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { eachRecord, type TopicRecord } from '../support/topic.js';

/** The longest that one pass over a topic takes, and that what is on its way is waited for. */
const [READ_MS, PUBLISHED_MS] = [600_000, 60_000];

/** What came of the records of the commands topic. */
export type Accounts = Readonly<{ accepted: number; rejected: number; dead: number; faults: readonly string[] }>;

type Row = { readonly digest: string; readonly names: readonly string[]; outcome?: string; dead?: boolean };
type Book = Readonly<{
  rows: ReadonlyMap<string, Row>;
  named: ReadonlyMap<string, readonly Row[]>;
  faults: string[];
}>;

export const NO_ACCOUNTS: Accounts = { accepted: 0, rejected: 0, dead: 0, faults: [] };

/**
 * Holds each record that lies on the commands topic against the outcomes and the dead letters, read by a client that is not
 * the service's: it has to have one or the other, and the commands of `rightIds` their outcome. Of records no more is kept
 * than digests.
 */
export const accountFor = async (brokers: string, prefix: string, rightIds: ReadonlySet<string>): Promise<Accounts> => {
  const book = await sentTo(brokers, `${prefix}commands`);
  const late = performance.now() + PUBLISHED_MS;
  const open = (): string[] => [...book.rows].filter(([, row]) => !row.outcome && !row.dead).map(([place]) => place);
  do {
    book.faults.length = 0;
    await eachRecord(brokers, `${prefix}outcomes`, (record) => answer(book, record), READ_MS);
    await eachRecord(brokers, `${prefix}commands.dead`, (record) => bury(book, record), READ_MS);
  } while (open().length > 0 && performance.now() < late && (await pause(500, true)));
  const left = open();
  const rows = [...book.rows.values()];
  const unanswered = [...rightIds].filter((id) => !book.named.get(id)?.some(({ outcome }) => outcome));
  const count = (what: string): number => rows.filter(({ outcome }) => outcome === what).length;
  return {
    accepted: count('accepted'),
    rejected: count('rejected'),
    dead: rows.filter(({ dead }) => dead).length,
    faults: [
      ...book.faults,
      ...left.map((place) => `the record at ${place} has neither an outcome nor a dead letter`),
      ...unanswered.map((id) => `the command ${id} was right, and has no outcome`),
    ],
  };
};

/** How a command is told from all others: by its target's key and its id. */
export const nameOf = (key: Buffer | null, id: string): string => `${String(key)} ${id}`;

const sentTo = async (brokers: string, topic: string): Promise<Book> => {
  const rows = new Map<string, Row>();
  const named = new Map<string, Row[]>();
  const enter = (record: TopicRecord): void => {
    const { partition, offset, key } = record;
    const ids = [...idsIn(record), `shiplog:${topic}/${partition}/${offset}`];
    const row = { digest: digestOf(record), names: ids.map((id) => nameOf(key, id)) };
    rows.set(`${partition}/${offset}`, row);
    for (const name of row.names) named.set(name, [...(named.get(name) ?? []), row]);
  };
  await eachRecord(brokers, topic, enter, READ_MS);
  return { rows, named, faults: [] };
};

/** Whichever id it goes by: which one that is, the form of the record decides. What is no text is no id. */
export const idsIn = ({ value, headers }: Pick<TopicRecord, 'value' | 'headers'>): string[] => {
  try {
    const { id, commandId } = JSON.parse(String(value)) as Record<string, unknown>;
    return [headers['ce_id'], id, commandId].filter((each) => typeof each === 'string');
  } catch {
    return [];
  }
};

const answer = ({ named }: Book, { key, value }: TopicRecord): void => {
  const { commandId, outcome } = JSON.parse(String(value)) as { commandId: string; outcome: string };
  for (const row of named.get(nameOf(key, commandId)) ?? []) row.outcome = outcome;
};

/** It says of which place it is, and has all that lies there. */
const bury = ({ rows, faults }: Book, letter: TopicRecord): void => {
  const { 'shiplog-partition': partition, 'shiplog-offset': offset, 'shiplog-reason': reason } = letter.headers;
  const row = rows.get(`${partition}/${offset}`);
  if (row?.digest !== digestOf(letter)) faults.push(`a dead letter is not the record at ${partition}/${offset}`);
  else if (!REASON.test(reason ?? '')) faults.push(`the dead letter of ${partition}/${offset} says ${reason}`);
  else row.dead = true;
};

const REASON = /^(malformed: |forbidden: |idempotency_key_reused$)/;

const OURS = /^shiplog-(reason|topic|partition|offset)$/;

const digestOf = ({ key, value, headers }: TopicRecord): string => {
  const own = Object.entries(headers).filter(([name]) => !OURS.test(name));
  const parts = [key, value].map((bytes) => bytes?.toString('base64') ?? null);
  return createHash('sha256')
    .update(JSON.stringify([...parts, own.toSorted()]))
    .digest('base64');
};
