import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

import { median } from '../frame/row.js';
import { serve } from '../frame/peer.js';
import { madeReady, withId } from './requests.js';

/** A request, or several that go one after the other on one connection, the first of which answers the `id` that the others name. */
export type Template = string | readonly string[];
/** Requests over so many connections, one at a time on each; the list is gone through again and again. */
export type Load = Readonly<{ connections: number; requests: number }>;
export type Loaded = Readonly<{ seconds: number; p50: number; p99: number; bytes: number }>;
/** Two lists of requests, and how many of each are sent. */
export type Pair = Readonly<{ sides: readonly [readonly Template[], readonly Template[]]; requests: number }>;

/**
 * Sends requests over plain sockets: a client library would take as much of the processor as the service that is measured.
 * Each request is made before the clock starts, and of an answer no more is read than whether it went well and where it ends.
 */
const open = async (port: number, from: number) => {
  const connections: Connection[] = [];
  let [templates, counter]: [readonly Template[], number] = [[], from];
  const made = (list: readonly Template[]): readonly Buffer[] => {
    counter += 1;
    return [list[counter % list.length]!].flat().map((each) => Buffer.from(madeReady(each, counter)));
  };
  const connected = async (wanted: number): Promise<readonly Connection[]> => {
    while (connections.length < wanted) connections.push(await Connection.open(port));
    return connections.slice(0, wanted);
  };
  return {
    async use(requests: readonly Template[]): Promise<void> {
      templates = requests;
    },
    async run({ connections: wanted, requests }: Load): Promise<Loaded> {
      const lanes = await connected(wanted);
      const ready = Array.from({ length: requests }, () => made(templates)).values();
      const times: number[] = [];
      let bytes = 0;
      const lane = async (connection: Connection): Promise<void> => {
        for (const each of ready) {
          const sentAt = performance.now();
          bytes += await connection.sendAll(each);
          times.push(performance.now() - sentAt);
        }
      };
      const began = performance.now();
      await Promise.all(lanes.map(lane));
      const seconds = (performance.now() - began) / 1_000;
      times.sort((a, b) => a - b);
      return { seconds, p50: median(times), p99: times[Math.floor(0.99 * times.length)]!, bytes };
    },
    /** The median that a call of each side takes, one call of each in turn: both meet the same moments of the machine. */
    async alternate({ sides, requests }: Pair): Promise<readonly [number, number]> {
      const lanes = await connected(sides.length);
      const ready = Array.from({ length: requests }, () => sides.map(made));
      const times: [number[], number[]] = [[], []];
      for (const [round, each] of ready.entries()) {
        for (const side of round % 2 === 0 ? [0, 1] : [1, 0]) {
          const sentAt = performance.now();
          await lanes[side]!.sendAll(each[side]!);
          times[side]!.push(performance.now() - sentAt);
        }
      }
      const [ours, theirs] = times.map((each) => median(each.toSorted((a, b) => a - b)));
      return [ours!, theirs!];
    },
    async close(): Promise<void> {
      for (const connection of connections) connection.close();
    },
  };
};

export type LoadMethods = Omit<Awaited<ReturnType<typeof open>>, 'close'>;

serve((port, from = '0') => open(Number(port), Number(from)));

/** An answer: its length in bytes, and what came of it first. */
type Answered = Readonly<{ length: number; beginning: Buffer }>;
type Waiting = Readonly<{ resolve(answered: Answered): void; reject(error: Error): void }>;

const NOTHING = Buffer.alloc(0);

class Connection {
  /** The answer up to the end of its head, or somewhat further; what follows is counted only. */
  #head: Buffer = NOTHING;
  #got = 0;
  #due: number | undefined;
  #waiting: Waiting | undefined;

  private constructor(private readonly socket: Socket) {
    socket.on('data', (chunk) => this.#read(chunk));
    socket.on('error', (error) => this.#waiting?.reject(error));
    socket.on('close', () => this.#waiting?.reject(new Error('The connection was closed.')));
  }

  static async open(port: number): Promise<Connection> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    await once(socket, 'connect');
    return new Connection(socket);
  }

  /** One behind the other, each with the id that the first was answered; how many bytes came back. */
  async sendAll([first, ...others]: readonly Buffer[]): Promise<number> {
    const { length, beginning } = await this.send(first!);
    let bytes = length;
    for (const other of others) bytes += (await this.send(withId(other, beginning))).length;
    return bytes;
  }

  private send(request: Buffer): Promise<Answered> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.socket.write(request);
    });
  }

  close(): void {
    this.#waiting = undefined;
    this.socket.destroy();
  }

  #read(chunk: Buffer): void {
    this.#got += chunk.length;
    if (this.#due === undefined) {
      this.#head = this.#head.length === 0 ? chunk : Buffer.concat([this.#head, chunk]);
      this.#due = lengthOf(this.#head);
    }
    if (this.#due === undefined || this.#got < this.#due) return;
    const [head, due] = [this.#head, this.#due];
    this.#head = NOTHING;
    this.#got = 0;
    this.#due = undefined;
    if (head[STATUS] === TWO) this.#waiting?.resolve({ length: due, beginning: head });
    else this.#waiting?.reject(new Error(head.toString()));
  }
}

const STATUS = 'HTTP/1.1 '.length;
const TWO = 0x32;

/** Of an answer of which this is the beginning, in bytes; undefined while its head is not complete. */
function lengthOf(beginning: Buffer): number | undefined {
  const headEnd = beginning.indexOf('\r\n\r\n');
  if (headEnd === -1) return undefined;
  const length = /\r\ncontent-length: (\d+)/i.exec(beginning.toString('latin1', 0, headEnd))?.[1];
  if (length === undefined) throw new Error(beginning.toString());
  return headEnd + 4 + Number(length);
}
