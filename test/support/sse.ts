import { request, type ClientRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';

export type Message = Readonly<{ id: string; data: string }>;
export type SseOptions = Readonly<{ token: string; headers?: Record<string, string>; method?: string }>;

/** A client of server-sent events that knows nothing but the lines of the protocol: one connection. */
export class SseClient {
  readonly messages: Message[] = [];
  /** Lines that are neither of a message nor empty: comments, `retry:`, and what should not be there. */
  readonly others: string[] = [];
  status = 0;
  headers: IncomingHttpHeaders = {};
  isClosed = false;
  /** Whether the server has ended the answer, and not the connection. */
  get isWhole(): boolean {
    return this.response?.complete ?? false;
  }
  private response: IncomingMessage | undefined;
  private readonly asked: ClientRequest;
  private readonly watchers = new Set<() => void>();
  private rest = '';
  private fields = new Map<string, string>();

  constructor(url: string, { token, headers, method = 'GET' }: SseOptions) {
    this.asked = request(url, { method, agent: false, headers: { authorization: `Bearer ${token}`, ...headers } });
    this.asked.on('response', (response) => this.begin(response));
    this.asked.on('close', () => this.close()).on('error', () => this.close());
    this.asked.end();
  }

  /** Resolves when this is so of the client; rejects when it is closed and it is not so. */
  async until(isSo: (client: this) => boolean): Promise<this> {
    while (!isSo(this)) {
      if (this.isClosed)
        throw new Error(`The stream was closed with ${this.status} after ${this.messages.length} messages`);
      await new Promise<void>((resolve) => this.watchers.add(resolve));
    }
    return this;
  }

  /** Resolves when the server has answered with these headers. */
  opened(): Promise<this> {
    return this.until(({ status }) => status !== 0);
  }

  closed(): Promise<this> {
    return this.until(({ isClosed }) => isClosed);
  }

  /** Reads no more; what comes stays in the buffers between the two. */
  pause(): void {
    this.response!.pause();
  }

  resume(): void {
    this.response!.resume();
  }

  cut(): void {
    this.asked.destroy();
  }

  private begin(response: IncomingMessage): void {
    this.response = response;
    this.status = response.statusCode!;
    this.headers = response.headers;
    response.setEncoding('utf8').on('data', (chunk: string) => this.read(chunk));
    response.on('close', () => this.close()).on('error', () => this.close());
    this.tell();
  }

  private read(chunk: string): void {
    const lines = (this.rest + chunk).split('\n');
    this.rest = lines.pop()!;
    for (const line of lines) this.take(line);
    this.tell();
  }

  private take(line: string): void {
    // Any character but the ends of lines that the protocol knows: U+2028 is none.
    const [, name = '', value = ''] = /^(id|data): ([^]*)$/.exec(line) ?? [];
    if (name !== '') this.fields.set(name, value);
    else if (line !== '') this.others.push(line);
    else if (this.fields.has('data')) {
      this.messages.push({ id: this.fields.get('id')!, data: this.fields.get('data')! });
      this.fields = new Map();
    }
  }

  private close(): void {
    this.isClosed = true;
    this.tell();
  }

  private tell(): void {
    for (const watcher of this.watchers) watcher();
    this.watchers.clear();
  }
}
