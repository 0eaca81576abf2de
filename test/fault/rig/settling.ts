import { setTimeout as pause } from 'node:timers/promises';
import { topicEnds } from '../../support/topic.js';
import type { Violation } from '../checkers/index.js';
import type { Watch } from './watch.js';

export const TOKEN = 'the-token-of-the-rig-0123456789';
export const PREFIX = 'rig.';

/** Longer than any deadline that is set: what is due by then has come. */
const STILL_MS = 7_000;
const WITHIN_MS = 90_000;
const LOOK_MS = 250;

type Standing = Readonly<{ position: number; seq: number; behind: string[] }>;

/** Waits until nothing is written any more and all that follows the log has come to its end; says what has not. */
export async function untilQuiet(watch: Watch, brokers: string): Promise<Violation[]> {
  const ends = await topicEnds(brokers, `${PREFIX}commands`);
  const late = performance.now() + WITHIN_MS;
  let last = '';
  let since = performance.now();
  for (;;) {
    const { position, seq, behind } = await standing(watch, ends);
    const now = `${position}/${seq}`;
    if (now !== last) [last, since] = [now, performance.now()];
    if (behind.length === 0 && performance.now() > since + STILL_MS) return [];
    if (performance.now() > late) return behind.map((what) => ({ invariant: 'K8', what }));
    await pause(LOOK_MS);
  }
}

async function standing({ pool }: Watch, ends: ReadonlyMap<number, number>): Promise<Standing> {
  const { rows } = await pool.query<{ position: number; seq: number }>('select position, seq from log');
  const { position, seq } = rows[0]!;
  const all = await pool.query<{ name: string; position: number }>('select name, position from checkpoints');
  const behind = all.rows.flatMap((each) => {
    const end = each.name.endsWith('outcomes') ? seq : position;
    return each.position < end ? [`${each.name} stands at ${each.position}, and the log ends at ${end}`] : [];
  });
  const offsets = await pool.query<{ partition: number; next: number }>('select partition, next from command_offsets');
  const next = new Map(offsets.rows.map((each) => [each.partition, each.next]));
  for (const [partition, end] of ends) {
    const at = next.get(partition) ?? 0;
    if (at < end) behind.push(`partition ${partition} of the commands is taken in up to ${at}, and ends at ${end}`);
  }
  return { position, seq, behind };
}
