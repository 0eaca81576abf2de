/** Values as PostgreSQL takes them in its binary format; what the product encodes is read again here. */
const EPOCH_MS = Date.UTC(2000, 0, 1);
const oids = { boolean: 16, bigint: 20, integer: 23, text: 25, json: 114, time: 1184, uuid: 2950 } as const;
const LOWEST = -(2n ** 63n);
const HIGHEST = 2n ** 63n - 1n;

const timeOf = (micros: bigint): string => {
  if (micros === LOWEST) return '-infinity';
  if (micros === HIGHEST) return 'infinity';
  const rest = ((micros % 1_000_000n) + 1_000_000n) % 1_000_000n;
  const seconds = Number((micros - rest) / 1_000_000n);
  const whole = new Date(EPOCH_MS + seconds * 1_000).toISOString().slice(0, 19);
  return `${whole}.${String(rest).padStart(6, '0')}Z`;
};

const valueOf = (oid: number, bytes: Buffer): unknown => {
  switch (oid) {
    case oids.boolean:
      return bytes[0] === 1;
    case oids.integer:
      return bytes.readInt32BE(0);
    case oids.bigint:
      return Number(bytes.readBigInt64BE(0));
    case oids.time:
      return timeOf(bytes.readBigInt64BE(0));
    default:
      return bytes.toString('utf8');
  }
};

/** The elements of an array that was sent in the binary format; one that was sent otherwise is as it was. */
export const elementsOf = (parameter: unknown): readonly unknown[] => {
  if (!Buffer.isBuffer(parameter)) return parameter as readonly unknown[];
  if (parameter.readInt32BE(0) === 0) return [];
  const oid = parameter.readInt32BE(8);
  const values: unknown[] = [];
  for (let at = 20; at < parameter.length;) {
    const length = parameter.readInt32BE(at);
    at += 4;
    values.push(length === -1 ? null : valueOf(oid, parameter.subarray(at, at + length)));
    at += Math.max(0, length);
  }
  return values;
};
