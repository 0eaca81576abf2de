import { ByteWriter, Pieces } from './byte-writer.js';
import { actorIn, numberOf, placeIn } from './event-text.js';
import { mayNameActor, nobody } from './people.js';

type Span = Readonly<{ start: number; end: number }>;

/** An event of the log as bytes of UTF-8; `bytes` may hold more than this event. */
export type EventBytes = Readonly<{
  bytes: Buffer;
  position: number;
  version: number;
  stream: Span;
  type: Span;
  data: Span;
  metadata: Span;
  commandId: Span;
  /** As they are shown. */
  occurredAt: Readonly<{ bytes: Buffer }>;
  recordedAt: Readonly<{ bytes: Buffer }>;
}>;

const inBytes = (text: string): Buffer => Buffer.from(text);
const byteOf = (text: string): number => text.charCodeAt(0);

/** What is the same in all lines, in order. */
const frame = {
  position: inBytes('{"position":'),
  id: (storeId: string) => inBytes(`,"id":"${storeId}/`),
  type: inBytes('","type":"'),
  project: inBytes('","project":"'),
  target: inBytes('","target":"'),
  version: inBytes('","version":'),
  number: inBytes(',"number":'),
  occurredAt: inBytes(',"occurredAt":"'),
  recordedAt: inBytes('","recordedAt":"'),
  actor: inBytes('","actor":'),
  commandId: inBytes(',"commandId":'),
  data: inBytes(',"data":'),
  end: inBytes('}\n'),
};
/** More than that, the numbers and the times take. */
const FRAME = 512;

const STREAM = inBytes('target:');
const OF_TARGET = inBytes('Target');
const NUMBER = inBytes('{"number":');
const NULL = inBytes('null');
const CLAIMANT = inBytes('By":{');
const [PERCENT, SLASH, ZERO, NINE] = ['%', '/', '0', '9'].map(byteOf) as [number, number, number, number];
const [QUOTE, BACKSLASH, SPACE] = ['"', '\\', ' '].map(byteOf) as [number, number, number];
const ACTORS = 16;
const PIECE_BYTES = 262_144;

/** What lines are written to. */
export const piecesOfLines = (): Pieces => new Pieces(PIECE_BYTES);

/**
 * Writes events in which nobody is to be named as lines of NDJSON, each byte for byte its `eventText`. Their bytes go from the
 * database to the client as they are: to make strings of them on the way costs several times as much as all the rest.
 */
export class EventLines {
  private readonly out: ByteWriter;
  private readonly id: Buffer;
  private readonly actors: Array<Readonly<{ metadata: Buffer; shown: Buffer }>> = [];
  private searched: Buffer | undefined;
  private claimant = 0;

  constructor(storeId: string, pieces = piecesOfLines()) {
    this.out = new ByteWriter(pieces);
    this.id = frame.id(storeId);
  }

  /** False, and nothing is written, where somebody may have to be named. */
  write(event: EventBytes): boolean {
    const { bytes, data } = event;
    const actor = this.actorOf(event);
    if (!actor || this.mayNameClaimant(event)) return false;
    const { out } = this;
    out.reserve(FRAME + this.id.length + lengthOf(event));
    out.put(frame.position);
    out.number(event.position);
    out.put(this.id);
    out.number(event.position);
    out.put(frame.type);
    out.put(bytes, event.type.start, event.type.end);
    this.writePlace(event);
    out.put(frame.version);
    out.number(event.version);
    out.put(frame.number);
    this.writeNumber(event);
    out.put(frame.occurredAt);
    out.put(event.occurredAt.bytes);
    out.put(frame.recordedAt);
    out.put(event.recordedAt.bytes);
    out.put(frame.actor);
    this.writeInstead(event, actor);
    out.put(frame.commandId);
    this.writeCommandId(event);
    out.put(frame.data);
    out.put(bytes, data.start, data.end);
    out.put(frame.end);
    return true;
  }

  /** All that has been written since the last time, in pieces. */
  take(): Buffer[] {
    return this.out.take();
  }

  /** A key that was not percent-encoded needs no escape in JSON either. */
  private writePlace(event: EventBytes): void {
    const { bytes, stream } = event;
    const start = stream.start + STREAM.length;
    let slash = 0;
    let isPlain = begins(bytes, stream, STREAM);
    for (let at = start; at < stream.end; at += 1) {
      if (bytes[at] === SLASH) slash = at;
      else if (bytes[at] === PERCENT) isPlain = false;
    }
    if (isPlain) {
      this.out.put(frame.project);
      this.out.put(bytes, start, slash);
      this.out.put(frame.target);
      this.out.put(bytes, slash + 1, stream.end);
    } else {
      // Without its last quote, as above.
      this.writeInstead(event, inBytes(`",${placeIn(textOf(bytes, stream)).slice(0, -1)}`));
    }
  }

  /** The domain writes the number first. */
  private writeNumber({ bytes, type, data }: EventBytes): void {
    if (begins(bytes, type, OF_TARGET)) return this.out.put(NULL);
    const start = data.start + NUMBER.length;
    let end = start;
    if (begins(bytes, data, NUMBER)) while (isDigit(bytes[end]!)) end += 1;
    if (end > start) this.out.put(bytes, start, end);
    else this.out.put(inBytes(String(numberOf({ type: textOf(bytes, type), data: textOf(bytes, data) }))));
  }

  private writeCommandId(event: EventBytes): void {
    const { bytes, commandId } = event;
    for (let at = commandId.start; at < commandId.end; at += 1) {
      const byte = bytes[at]!;
      if (byte === QUOTE || byte === BACKSLASH || byte < SPACE)
        return this.writeInstead(event, inBytes(JSON.stringify(textOf(bytes, commandId))));
    }
    this.out.byte(QUOTE);
    this.out.put(bytes, commandId.start, commandId.end);
    this.out.byte(QUOTE);
  }

  /** Something that may be longer than what stood in its place. */
  private writeInstead(event: EventBytes, shown: Buffer): void {
    this.out.reserve(shown.length + FRAME + lengthOf(event));
    this.out.put(shown);
  }

  /** Looked for in all that came together, not event by event: hardly any names one. */
  private mayNameClaimant({ bytes, data }: EventBytes): boolean {
    if (bytes !== this.searched || this.claimant < data.start) {
      const found = bytes.indexOf(CLAIMANT, data.start);
      this.searched = bytes;
      this.claimant = found === -1 ? bytes.length : found;
    }
    return this.claimant < data.end;
  }

  /**
   * Nothing where it may be a person. Services are few: what begins like metadata met before, up to the end of a member, has
   * the same actor.
   */
  private actorOf({ bytes, metadata }: EventBytes): Buffer | undefined {
    for (const known of this.actors) if (begins(bytes, metadata, known.metadata)) return known.shown;
    const text = textOf(bytes, metadata);
    if (mayNameActor(text)) return undefined;
    const end = text.indexOf(',"traceparent":');
    const made = { metadata: inBytes(end === -1 ? text : text.slice(0, end)), shown: inBytes(actorIn(text, nobody)) };
    if (this.actors.length === ACTORS) this.actors.length = 0;
    this.actors.push(made);
    return made.shown;
  }
}

const sizeOf = ({ start, end }: Span): number => end - start;
/** Of all that is taken over as it is. */
const lengthOf = ({ stream, type, commandId, data }: EventBytes): number =>
  sizeOf(stream) + sizeOf(type) + sizeOf(commandId) + sizeOf(data);

const textOf = (bytes: Buffer, { start, end }: Span): string => bytes.toString('utf8', start, end);
const isDigit = (byte: number): boolean => byte >= ZERO && byte <= NINE;

const isAt = (bytes: Buffer, start: number, part: Buffer): boolean => {
  for (let at = 0; at < part.length; at += 1) if (bytes[start + at] !== part[at]) return false;
  return true;
};

const begins = (bytes: Buffer, { start, end }: Span, part: Buffer): boolean =>
  end - start >= part.length && isAt(bytes, start, part);
