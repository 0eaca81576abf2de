import type { JsonSchema } from './rules.js';
import { count, countOrNone, listOf, orNull, refTo, shape, text, time } from './shapes.js';

const hash: JsonSchema = {
  type: 'string',
  pattern: '^[A-Za-z0-9+/]{43}=$',
  description: '32 bytes of SHA-256 in base64.',
};
const note: JsonSchema = { type: 'string', description: 'A C2SP signed note: a checkpoint of C2SP tlog-checkpoint.' };
const keyId: JsonSchema = { type: 'string', pattern: '^[0-9a-f]{8}$', description: 'Of the key that signed.' };

/** What proves that the log is what it was. */
export const auditSchemas: Readonly<Record<string, JsonSchema>> = {
  Checkpoint: shape({
    size: { ...count, description: 'How many events it vouches for: those up to that position.' },
    root: { ...hash, description: 'The root of the Merkle tree (RFC 6962) over them, in base64.' },
    time: { ...time, description: "When it was signed, by the database's clock." },
    keyId,
    note,
  }),
  SealedEvent: shape({
    position: count,
    stream: { ...text, description: '`target:<project>/<target>`, each percent-encoded as by encodeURIComponent.' },
    version: count,
    eventId: { ...text, description: 'The UUID of its row.' },
    type: text,
    occurredAt: time,
    recordedAt: time,
    commandId: text,
    data: { ...text, description: 'The JSON text of the data, byte for byte as it is stored.' },
    metadata: { ...text, description: 'The JSON text of the metadata, byte for byte as it is stored.' },
    hash: { ...hash, description: 'Its hash, over all of this and the hash of the event before it, in base64.' },
  }),
  InclusionProof: shape({
    position: count,
    size: { ...count, description: 'Of the checkpoint.' },
    leafHash: { ...hash, description: 'The hash of the event.' },
    previousHash: { ...orNull(hash), description: 'The hash of the event before it; null for the first.' },
    hashes: { ...listOf(hash), description: 'The path from the leaf to the root (RFC 6962, 2.1.1).' },
    event: refTo('SealedEvent'),
    checkpoint: note,
  }),
  ConsistencyProof: shape({
    from: count,
    to: count,
    hashes: {
      ...listOf(hash),
      description: 'From the root of the smaller tree to that of the larger (RFC 6962, 2.1.2).',
    },
  }),
  AuditKeys: shape({
    origin: { ...text, description: 'The name of the log in its checkpoints, and of its keys.' },
    keys: {
      ...listOf(
        shape({
          keyId,
          vkey: { ...text, description: 'The verifier key of C2SP signed-note.' },
          fromSize: { ...countOrNone, description: 'How many events had been sealed when it began to sign.' },
          addedAt: time,
        }),
      ),
      description: 'In the order in which they began to sign: the last one signs now.',
    },
  }),
};
