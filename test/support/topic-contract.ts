import { readFileSync } from 'node:fs';
import { Ajv, type ValidateFunction } from 'ajv';
import { ajvKeywords } from '#contracts';
import { closed } from './contract.js';
import { unlike } from './contract-text.js';

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a document is read here, and read by its own schema elsewhere.
type Json = any;
type Checks = Readonly<{ headers: ValidateFunction; payload: ValidateFunction }>;

type Written = Readonly<{ key: Buffer | null; value: Buffer | null; headers: Readonly<Record<string, string>> }>;

/** What the service itself writes, by how its topics' names end. */
const WRITTEN = ['events', 'outcomes', 'current', 'checkpoints'] as const;

const document: Json = JSON.parse(readFileSync(new URL('../../libs/contracts/asyncapi.json', import.meta.url), 'utf8'));
const ajv = new Ajv({ strict: false, validateFormats: false, keywords: ajvKeywords });
ajv.addSchema({ $id: 'asyncapi', components: closed(document.components) });
const compile = (schema: object): ValidateFunction =>
  ajv.compile(JSON.parse(JSON.stringify(closed(schema)).replaceAll('"#/', '"asyncapi#/')));

/** The messages of a topic by the types that their headers say. */
const messages = new Map<string, Map<string, Checks>>();
const messagesOf = (channel: string): Map<string, Checks> => {
  const known = messages.get(channel);
  if (known) return known;
  const made = Object.keys(document.channels[channel].messages).flatMap((name) => {
    const { headers, payload } = document.components.messages[name];
    const checks = { headers: compile(headers), payload: compile(payload) };
    const { const: type, enum: types = [type] } = headers.properties.ce_type;
    return (types as string[]).map((each): [string, Checks] => [each, checks]);
  });
  messages.set(channel, new Map(made));
  return new Map(made);
};

/** Throws when a record that the service wrote is not as asyncapi.json has it: its key, headers and value. */
export function checkRecord(topic: string, { key, value, headers }: Written): void {
  const channel = WRITTEN.find((name) => topic.endsWith(`.${name}`));
  if (!channel) return;
  const { ce_type: type = 'no type', ce_partitionkey: subject } = headers;
  const text = String(value);
  const at = { where: `A record of ${topic} (${type})`, text };
  const checks = messagesOf(channel).get(type);
  if (!checks) throw unlike({ ...at, why: 'its type is not documented' });
  const read = [
    [checks.headers, headers],
    [checks.payload, JSON.parse(text)],
  ] as const;
  for (const [check, part] of read) if (!check(part)) throw unlike({ ...at, why: check.errors ?? [] });
  if (String(key) !== subject) throw unlike({ ...at, why: `its key is ${String(key)}` });
}
