import pg from 'pg';

/** What pg hands to a statement that it did not make itself. */
type Wire = Readonly<{ query(text: string): void }>;

/** A COPY … TO STDOUT whose rows are counted and thrown away. */
export class CopyOut implements pg.Submittable {
  rows = 0;
  bytes = 0;
  private readonly ended: Promise<void>;
  private end!: () => void;
  private fail!: (error: Error) => void;

  constructor(private readonly text: string) {
    this.ended = new Promise((resolve, reject) => ([this.end, this.fail] = [resolve, reject]));
  }

  /** Resolves with the counts when all rows have come. */
  async done(): Promise<this> {
    await this.ended;
    return this;
  }

  submit(connection: pg.Connection): void {
    (connection as unknown as Wire).query(this.text);
  }

  handleCopyData({ chunk }: { chunk: Buffer }): void {
    this.rows += 1;
    this.bytes += chunk.length;
  }

  handleError(error: Error): void {
    this.fail(error);
  }

  handleReadyForQuery(): void {
    this.end();
  }

  handleCommandComplete(): void {
    // Ready for query follows.
  }
}
