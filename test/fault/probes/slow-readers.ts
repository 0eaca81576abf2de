import { API, newTarget, unique } from '../../support/server.js';
import { finish, has } from '../../support/live.js';
import { SseClient } from '../../support/sse.js';
import { checkBacklog } from '../checkers/index.js';
import { callerOf, must, sendAll, type Probe } from './place.js';

const BATCHES = 2;
const IN_BATCH = 700;
const TEXT = 16_000;
/** What the buffers of two sockets take of it: on Linux up to 4 MB where it is sent, and little where nobody reads. */
const MOST_BYTES = 10 * 2 ** 20;

/** A client that follows the log live, and stops reading while 22 MB come. */
export const probeSlowReaders: Probe = async (place) => {
  const { call } = callerOf(place);
  const [large, small] = [await newTarget({ call }), await newTarget({ call })];
  const { position } = must(await call<{ position: number }>(`${API}/status`)).body;
  const follow = ({ project }: Readonly<{ project: string }>): SseClient =>
    new SseClient(`${place.urls[0]}${API}/events/live?project=${project}`, {
      token: place.token,
      headers: { 'last-event-id': String(position) },
    });
  const [slow, witness] = [follow(large), follow(small)];
  try {
    await Promise.all([slow, witness].map((client) => client.opened()));
    const first = await finish({ call }, large.path);
    await slow.until(has(first));
    slow.pause();
    const { length } = slow.messages;
    for (let n = 0; n < BATCHES; n += 1) await sendAll(place, batch(large.project));
    const last = await finish({ call }, large.path);
    // Whoever is told of what came later is told when all before it was handed on.
    await witness.until(has(await finish({ call }, small.path)));
    slow.resume();
    await slow.until((client) => client.isClosed || has(last)(client));
    const kept = slow.messages.slice(length).reduce((sum, { data }) => sum + data.length, 0);
    return checkBacklog({ what: 'a client that does not read', offered: BATCHES * IN_BATCH * TEXT, kept }, MOST_BYTES);
  } finally {
    slow.cut();
    witness.cut();
  }
};

const batch = (project: string): object[] =>
  Array.from({ length: IN_BATCH }, (_, n) => ({
    commandId: unique('large'),
    ...{ type: 'FinishDeployment', project, target: 'production' },
    data: { version: `1.${n}`, metadata: { text: 'x'.repeat(TEXT) } },
  }));
