import { between, schemaBreaks, type Direction } from './schema-breaks.js';
import { resolve } from './schemas.js';

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a document is read here; its own schema says what it is.
type Json = any;
type Topic = Readonly<{ before: Json; after: Json; name: string; direction: Direction }>;

/** What readers and writers of the old topics would miss in the new ones, each with where; empty when nothing. */
export const asyncApiBreaks = (before: Json, after: Json): string[] =>
  Object.entries<Json>(before.channels).flatMap(([name, old]) => {
    const now = after.channels[name];
    if (!now || now.address !== old.address) return [`${old.address}: is gone`];
    return topicBreaks({ before, after, name, direction: directionOf(before, name) });
  });

/** What the service receives is a request to it. */
const directionOf = (document: Json, channel: string): Direction => {
  const operations = Object.values<Json>(document.operations).filter(
    ({ channel: { $ref } }) => $ref === `#/channels/${channel}`,
  );
  return operations.some(({ action }) => action === 'receive') ? 'request' : 'answer';
};

function topicBreaks(topic: Topic): string[] {
  const { before, after, name } = topic;
  const [old, now] = [before.channels[name], after.channels[name]];
  const partitions = [old, now].map(({ bindings }) => bindings?.kafka?.partitions);
  const policy = [old, now].map(({ bindings }) => bindings?.kafka?.topicConfiguration?.['cleanup.policy']?.join());
  return [
    ...(partitions[0] === partitions[1] ? [] : [`${name}: had ${partitions[0]} partitions, has ${partitions[1]}`]),
    ...(policy[0] === policy[1] ? [] : [`${name}: was ${policy[0]}, is ${policy[1]}`]),
    ...Object.keys(old.messages).flatMap((message) =>
      now.messages[message] ? messageBreaks(topic, message) : [`${name} ${message}: is gone`],
    ),
  ];
}

function messageBreaks({ before, after, name, direction }: Topic, message: string): string[] {
  const old = resolve(before.channels[name].messages[message], before) as Json;
  const now = resolve(after.channels[name].messages[message], after) as Json;
  const where = `${name} ${message}`;
  const keys = [old, now].map(({ bindings }) => bindings?.kafka?.key);
  const parts = [
    ['key', ...keys],
    ['headers', old.headers, now.headers],
    ['value', old.payload, now.payload],
  ] as const;
  const media = old.contentType === now.contentType ? [] : [`${where}: was ${old.contentType}, is ${now.contentType}`];
  const breaks = parts.flatMap(([part, was, is]) => {
    if (!was) return [];
    if (!is) return [`${where} ${part}: is gone`];
    return schemaBreaks({ before: was, after: is }, between(before, after, direction), `${where} ${part}`);
  });
  return [...media, ...breaks];
}
