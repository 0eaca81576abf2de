// A process of writers, each with a connection of its own, that race for the same streams:
// node writers.mjs <database url> <writers> <batches each> <streams>. Prints what was acknowledged, one JSON line a batch.
import { randomBytes, randomUUID } from 'node:crypto';
import { EventStore, NO_STREAM } from '#event-store';

const [connectionString, ...counts] = process.argv.slice(2);
const [writers, batches, streams] = counts.map(Number);
const any = (count) => Math.floor(Math.random() * count);

const event = () => ({
  id: randomUUID(),
  type: 'Happened',
  data: `{"padding":"${'x'.repeat(any(500))}"}`,
  metadata: '{}',
  occurredAt: '2026-11-20T10:00:00.000000Z',
});

const decide = (index, { head, version }) => {
  const events = Array.from({ length: any(4) }, event);
  const after = { head: events.at(-1)?.id ?? head, version: version + events.length };
  const command = { stream: index, commandId: randomUUID(), fingerprint: randomBytes(32), outcome: '{}', events };
  return { after, command: { ...command, version: after.version } };
};

const write = async () => {
  const store = await EventStore.open({ connectionString, readers: 1 });
  const known = new Map();
  for (let batch = 0; batch < batches; batch += 1) {
    const names = [...new Set(Array.from({ length: 1 + any(3) }, () => `shared-${any(streams)}`))];
    const before = names.map((name) => known.get(name) ?? { head: NO_STREAM, version: 0 });
    const decisions = before.map((at, index) => decide(index, at));
    const { commands, refused } = await store.append({
      streams: names.map((stream, index) => ({ stream, expectedHead: before[index].head, state: '{}' })),
      commands: decisions.map(({ command }) => command),
    });
    names.forEach((name, index) => known.set(name, refused.get(index)?.snapshot ?? decisions[index].after));
    const ids = decisions.flatMap(({ command }, index) =>
      command.events.map(({ id }, n) => commands[index] && [commands[index].firstPosition + n, id]),
    );
    process.stdout.write(`${JSON.stringify(ids.filter(Boolean))}\n`);
  }
  await store.close();
};

await Promise.all(Array.from({ length: writers }, write));
