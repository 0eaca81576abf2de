import { TimestampBytes } from './timestamp-bytes.js';
import type { StoredEvent } from './types.js';

/** An event as readers of ranges get it: its `id` is for inside only. */
export type RangeEvent = Omit<StoredEvent, 'id'>;

/** Where in the bytes of a row a member lies. */
export type Span = Readonly<{ start: number; end: number }>;
type Place = { start: number; end: number };
const place = (): Place => ({ start: 0, end: 0 });

/** In the order in which `EventRow` reads them: first those that always are as long. */
export const rowColumns = 'position, version, occurred_at, recorded_at, stream, type, data, metadata, command_id';
/** The same with the id, which few ask for: in its 16 bytes. */
export const rowColumnsWithId = `${rowColumns}, id`;

const COUNT = 2;
const LENGTH = 4;
const INT4 = 4;
const INT8 = 8;
/** Behind the count of the columns, each of them behind its own length. */
const POSITION = COUNT + LENGTH;
const VERSION = POSITION + INT8 + LENGTH;
const OCCURRED_AT = VERSION + INT4 + LENGTH;
const RECORDED_AT = OCCURRED_AT + INT8 + LENGTH;
const TEXTS = RECORDED_AT + INT8;
const END = -1;

/** An event as the bytes that the database sent in its binary format; those of its texts are UTF-8. */
export class EventRow {
  bytes: Buffer = Buffer.alloc(0);
  position = 0;
  version = 0;
  readonly occurredAt = new TimestampBytes();
  readonly recordedAt = new TimestampBytes();
  readonly stream: Span;
  readonly type: Span;
  readonly data: Span;
  readonly metadata: Span;
  readonly commandId: Span;
  /** Empty unless it was asked for. */
  readonly id: Span;
  private readonly places: readonly Place[];

  constructor(withId = false) {
    const texts = [place(), place(), place(), place(), place()] as const;
    [this.stream, this.type, this.data, this.metadata, this.commandId] = texts;
    const id = (this.id = place());
    this.places = withId ? [...texts, id] : texts;
  }

  /** Becomes the row that begins there; false at the end of the rows. */
  read(bytes: Buffer, start: number): boolean {
    if (bytes.readInt16BE(start) === END) return false;
    this.bytes = bytes;
    this.position = bytes.readUInt32BE(start + POSITION) * 2 ** 32 + bytes.readUInt32BE(start + POSITION + INT4);
    this.version = bytes.readInt32BE(start + VERSION);
    this.occurredAt.read(bytes, start + OCCURRED_AT);
    this.recordedAt.read(bytes, start + RECORDED_AT);
    let at = start + TEXTS;
    for (const each of this.places) {
      each.start = at + LENGTH;
      each.end = at = each.start + bytes.readInt32BE(at);
    }
    return true;
  }

  /** The same, to be kept. */
  toEvent(): RangeEvent {
    return {
      position: this.position,
      stream: this.text(this.stream),
      version: this.version,
      type: this.text(this.type),
      data: this.text(this.data),
      metadata: this.text(this.metadata),
      commandId: this.text(this.commandId),
      occurredAt: this.occurredAt.text(),
      recordedAt: this.recordedAt.text(),
    };
  }

  text({ start, end }: Span): string {
    return this.bytes.toString('utf8', start, end);
  }
}
