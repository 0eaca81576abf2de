import { Agent, request, type ClientRequest, type IncomingMessage, type RequestOptions } from 'node:http';

/** A request as it is written on the wire: nothing of the path is made right, as `fetch` would. */
export type Sent = Readonly<{
  method?: string;
  path: string;
  token?: string;
  headers?: Readonly<Record<string, string>>;
  body?: unknown;
}>;

/** All that came back: `bytes` are head and body together. */
export type Answered = Readonly<{ status: number; headers: IncomingMessage['headers']; body: string; bytes: string }>;

/** What Node refuses to write: it never left this process. */
export class Unsendable extends Error {}

const agent = new Agent({ keepAlive: true });
/** A stream that goes on is followed until nothing has come for so long, or for so long in all. */
const [QUIET_MS, FOLLOWED_MS] = [1_000, 5_000];

/** Sends a request and reads its answer to the end, or where it has none until it falls quiet. Rejects with `Unsendable` where it was not sent. */
export const exchange = (url: string, { method = 'GET', path, body, ...rest }: Sent): Promise<Answered> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const isText = typeof body === 'string' || Buffer.isBuffer(body);
    const content = body === undefined || isText ? body : JSON.stringify(body);
    const sent = written({ hostname, port, method, path, headers: headersOf(rest, content), agent });
    sent.on('error', reject).on('response', (response) => void collect(response).then(resolve, reject));
    sent.end(content);
  });

const written = (options: RequestOptions): ClientRequest => {
  try {
    return request(options);
  } catch (error) {
    throw new Unsendable('Node does not send it', { cause: error });
  }
};

const headersOf = (
  { token, headers }: Omit<Sent, 'path'>,
  content: string | Buffer | undefined,
): Record<string, string> => ({
  ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  // Said by us: with GET and DELETE Node would send the bytes and not how many they are.
  ...(content === undefined
    ? {}
    : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(content)) }),
  ...headers,
});

const collect = (response: IncomingMessage): Promise<Answered> =>
  new Promise((resolve, reject) => {
    const { statusCode: status = 0, headers, rawHeaders } = response;
    const chunks: Buffer[] = [];
    const done = (): void => {
      clearTimeout(quiet);
      const body = Buffer.concat(chunks).toString('utf8');
      resolve({ status, headers, body, bytes: `${rawHeaders.join('\n')}\n\n${body}` });
    };
    const isEndless = headers['content-type']?.startsWith('text/event-stream');
    const leave = (): void => {
      done();
      response.destroy();
    };
    const end = performance.now() + FOLLOWED_MS;
    let quiet = isEndless ? setTimeout(leave, QUIET_MS) : undefined;
    response.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      if (quiet) quiet = (clearTimeout(quiet), setTimeout(leave, Math.min(QUIET_MS, end - performance.now())));
    });
    response.on('end', done).on('error', reject);
  });
