import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

import { Consumer } from '@platformatic/kafka';
import { Pool } from 'undici';

import { PROJECT, targetKey } from '../frame/fill.js';
import { serve } from '../frame/peer.js';
import { median } from '../frame/row.js';
import { TOKEN } from '../frame/service.js';
import '../../support/with-resolvers.js';

const CONNECTIONS = 64;
const TICK_MS = 2;

export type Pace = Readonly<{ commands: number; perSecond: number; targets: number }>;
export type Latency = Readonly<{ p50: number; p99: number }>;

/** Reports over HTTP at a steady pace, and reads the events with a client that is not kafkajs: one clock for both. */
const open = async (url: string, broker: string, topic: string) => {
  const http = new Pool(url, { connections: CONNECTIONS, pipelining: 1 });
  const consumer = new Consumer({ groupId: `${topic}.latency`, clientId: 'latency', bootstrapBrokers: [broker] });
  const stream = await consumer.consume({
    topics: [topic],
    mode: 'latest',
    fallbackMode: 'latest',
    autocommit: false,
    maxWaitTime: 100,
  });
  /** When the event at a position came. */
  const readable = new Map<number, number>();
  stream.on('data', ({ headers }: { headers: ReadonlyMap<Buffer, Buffer> }) => {
    const now = performance.now();
    for (const [name, value] of headers)
      if (name.toString() === 'ce_id') readable.set(Number(value.toString().split('/').at(-1)), now);
  });
  let version = 0;

  const report = async (targets: number): Promise<readonly [position: number, answeredAt: number]> => {
    version += 1;
    const { statusCode, headers, body } = await http.request({
      method: 'POST',
      path: `/api/v1/projects/${PROJECT}/targets/${targetKey(version % targets)}/finish`,
      headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
      body: JSON.stringify({ version: `${version}.0.0` }),
    });
    const answeredAt = performance.now();
    const text = await body.text();
    if (statusCode >= 300) throw new Error(text);
    return [Number(headers['shiplog-position']), answeredAt];
  };

  return {
    /** Milliseconds from the answer to the event being readable; none where it was readable before the answer came. */
    async run({ commands, perSecond, targets }: Pace): Promise<Latency> {
      const began = performance.now();
      const reports: Array<ReturnType<typeof report>> = [];
      while (reports.length < commands) {
        const due = Math.min(commands, Math.ceil(((performance.now() - began) * perSecond) / 1_000));
        while (reports.length < due) reports.push(report(targets));
        await sleep(TICK_MS);
      }
      const answered = await Promise.all(reports);
      while (!answered.every(([position]) => readable.has(position))) await once(stream, 'data');
      const waits = answered
        .map(([position, at]) => Math.max(0, readable.get(position)! - at))
        .toSorted((a, b) => a - b);
      readable.clear();
      return { p50: median(waits), p99: waits[Math.floor(0.99 * waits.length)]! };
    },
    async close(): Promise<void> {
      await http.close();
      await consumer.close(true);
    },
  };
};

export type LatencyMethods = Omit<Awaited<ReturnType<typeof open>>, 'close'>;

serve((url, broker, topic) => open(url!, broker!, topic!));
