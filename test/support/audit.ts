import { verifyExport, type Verdict } from '#audit';
import { streamOf } from '#domain';
import { createPool, EventStore } from '#event-store';
import { decided, newEvent, newStream, write } from '#event-store/testing';
import { createLogger, Metrics } from '#runtime';
import { Sealer } from '../../apps/server/src/audit/sealer.js';
import type { TestDatabase } from './database.js';
import { API, AUDIT_KEY, type TestServer } from './server.js';

/** Fills a log with so many events on ten targets, whose data say which they are. */
export async function fillLog({ url }: TestDatabase, count: number): Promise<void> {
  const store = await EventStore.open({ connectionString: url });
  for (let target = 0; target < 10; target += 1) {
    const events = Array.from({ length: count / 10 }, (_, i) =>
      newEvent({ type: 'DeploymentChanged', data: `{"number":${i + 1},"note": "– as it is spelled: 1.0, \\u00e9"}` }),
    );
    await write(store, { ...newStream(), stream: streamOf('web-shop', `target-${target}`) }, decided(events));
  }
  await store.close();
}

/** Runs a sealer of its own until it has sealed so far. */
export async function sealUpTo({ url }: TestDatabase, size: number, pem = AUDIT_KEY): Promise<void> {
  const store = await EventStore.open({ connectionString: url });
  const pool = createPool({ connectionString: url, max: 2 });
  const key = async () => ({ pem, given: true });
  const sealer = new Sealer({ store, pool, key, metrics: new Metrics(), log: createLogger({ level: 'silent' }) });
  sealer.start();
  for (const late = performance.now() + 30_000; sealer.status().position < size;) {
    if (performance.now() > late || sealer.status().state === 'halted')
      throw new Error(JSON.stringify(sealer.status()));
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  await sealer.stop();
  await pool.end();
  await store.close();
}

const plain = { accept: 'text/plain' };

/** Downloads what an auditor does, and judges it; `checkpoints` are those that he has kept. */
export async function audit({ call }: Pick<TestServer, 'call'>, checkpoints?: string): Promise<Verdict> {
  const held = checkpoints ?? (await call(`${API}/audit/checkpoints?limit=200`, { headers: plain })).text;
  const keys = (await call(`${API}/audit/key`, { headers: plain })).text;
  const { text } = await call(`${API}/events?hashes=true`, { headers: { accept: 'application/x-ndjson' } });
  return verifyExport({
    events: (async function* () {
      yield Buffer.from(text);
    })(),
    checkpoints: held,
    keys,
  });
}
