import pg from 'pg';

/** Reads what a message of a COPY brings, where it lies in the bytes that came. */
export type TakeData = (bytes: Buffer, start: number, end: number) => void;

const COPY_DATA = 'd'.charCodeAt(0);
const READY = 'Z'.charCodeAt(0);
/** Its code, and its length without the code. */
const HEADER = 5;

/**
 * A `COPY … TO STDOUT` that reads its rows from the socket itself: pg would make two objects of each, which costs more than
 * what is done with most rows. pg gets all else, and the connection again when the statement has ended. `take` must not throw.
 */
export class CopyOut extends pg.Query {
  constructor(
    private readonly statement: string,
    private readonly take: TakeData,
    callback: (error: Error | undefined) => void,
  ) {
    super(statement, callback);
  }

  override submit = (connection: pg.Connection): void => {
    const { stream } = connection;
    const [listener] = stream.listeners('data') as [(bytes: Buffer) => void];
    const messages = new Messages({
      take: this.take,
      pass: listener,
      end: () => stream.on('data', listener).off('data', read),
    });
    const read = (bytes: Buffer): void => messages.read(bytes);
    stream.on('data', read).off('data', listener);
    connection.query(this.statement);
  };
}

/** `pass` gets the messages that are no data; `end` is called before it gets the last one of the statement. */
type Ways = Readonly<{ take: TakeData; pass(bytes: Buffer): void; end(): void }>;

/** The messages of a connection from pieces of any size, which it keeps nothing of. */
class Messages {
  /** What there is of a message that a piece has cut, and how much it takes to read on. */
  private cut: Buffer[] = [];
  private length = 0;
  private needed = HEADER;

  constructor(private readonly ways: Ways) {}

  read(piece: Buffer): void {
    let start = 0;
    while (this.length > 0 && start < piece.length) start = this.complete(piece, start);
    while (piece.length - start >= HEADER) {
      const end = start + sizeOf(piece, start);
      if (end > piece.length) break;
      this.hand(piece, start, end);
      start = end;
    }
    if (start < piece.length) this.keep(piece, start, piece.length);
  }

  /** Answers up to where the piece belonged to the message that was cut. */
  private complete(piece: Buffer, start: number): number {
    const end = Math.min(piece.length, start + this.needed - this.length);
    this.keep(piece, start, end);
    if (this.length < this.needed) return end;
    const bytes = Buffer.concat(this.cut);
    this.needed = sizeOf(bytes, 0);
    if (this.length === this.needed) {
      this.hand(bytes, 0, this.needed);
      this.cut = [];
      this.length = 0;
      this.needed = HEADER;
    }
    return end;
  }

  private keep(piece: Buffer, start: number, end: number): void {
    this.cut.push(Buffer.from(piece.subarray(start, end)));
    this.length += end - start;
  }

  private hand(bytes: Buffer, start: number, end: number): void {
    if (bytes[start] === COPY_DATA) {
      this.ways.take(bytes, start + HEADER, end);
    } else {
      if (bytes[start] === READY) this.ways.end();
      this.ways.pass(bytes.subarray(start, end));
    }
  }
}

const sizeOf = (bytes: Buffer, start: number): number => 1 + bytes.readUInt32BE(start + 1);
