import type { EventStore } from '#event-store';
import { MemoryStore, type MemoryLog } from '#event-store/testing';
import { ProjectionRunner, type Projection } from '#projections';
import type { Logger } from '#runtime';
import type { Dump } from '../checkers/index.js';
import { memoryPool } from './database/pool.js';
import { Tables } from './database/tables.js';
import { Owner } from './kernel.js';
import { installViews } from './install-views.js';
import type { World } from './world.js';

const FOLD_MS = 60_000;

/** The rows of a view as one text, and the position that they stand at. */
export type Stand = Readonly<{ view: string; position: number; rows: string }>;

/** Every view as it is committed at this moment. */
export const standsOf = (tables: Tables, views: readonly Projection[]): Stand[] =>
  views.map(({ name }) => ({
    view: name,
    position: Number(tables.rowsOf('checkpoints').get(`projection:${name}`)?.['position'] ?? 0),
    rows: [...tables.rowsOf(name)]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, row]) => JSON.stringify(Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1))))
      .join('\n'),
  }));

const quiet = (): void => undefined;
const log = { warn: quiet, error: quiet, info: quiet, debug: quiet } as unknown as Logger;

/** What the views are when they are made from scratch of the log up to a position. */
const foldOf = async ({ kernel, views }: World, events: MemoryLog): Promise<Map<string, string>> => {
  const owner = new Owner('fold');
  kernel.current = owner;
  const tables = new Tables(events.now, () => kernel.now);
  const pool = memoryPool({
    tables,
    link: { call: async (_, carryOut) => carryOut() },
    owner,
    sleep: async () => undefined,
  });
  const store = new MemoryStore(events, new Set()) as unknown as EventStore;
  installViews(tables, views);
  const runner = new ProjectionRunner({ store, pool, log, projections: views });
  const isOver = (): boolean => standsOf(tables, views).every(({ position }) => position === events.events.length);
  kernel.after(0, owner, () => void runner.start());
  await kernel.run(kernel.now + FOLD_MS, isOver);
  owner.isAlive = false;
  return new Map(standsOf(tables, views).map(({ view, rows }) => [view, rows]));
};

/** Stands beside what the log makes of them. */
export const dumpsOf = async (world: World, stands: readonly Stand[]): Promise<Dump[]> => {
  const dumps: Dump[] = [];
  const folds = new Map<number, Map<string, string>>();
  for (const { view, position, rows } of stands) {
    if (position === 0) continue;
    const folded = folds.get(position) ?? (await foldOf(world, world.log.upTo(position)));
    folds.set(position, folded);
    dumps.push({ view, position, rows, folded: folded.get(view) ?? '' });
  }
  return dumps;
};
