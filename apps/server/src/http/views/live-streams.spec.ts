import { once } from 'node:events';
import { createServer, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Identity } from '../auth/identity.js';
import type { LiveTail } from './live-tail.js';
import { LiveStreams } from './live-streams.js';

const identity = { tokenId: 'one' } as Identity;
const opening = { identity, filter: {}, after: 0 };

let http: Server;
let open: number[];
let served: number;
let streams: LiveStreams;
beforeEach(async () => {
  [open, served] = [[], 0];
  const tail = { serve: async () => void (served += 1) } as unknown as LiveTail;
  const metrics = { liveStreams: { set: (count: number) => open.push(count) } };
  const log = { debug: () => undefined, error: () => undefined };
  streams = new LiveStreams(tail, { stillValid: async () => true }, metrics as never, log as never);
  http = createServer().listen(0, '127.0.0.1');
  await once(http, 'listening');
});
afterEach(async () => {
  streams.end();
  await new Promise((resolve) => http.close(resolve));
});

/** The response to a request, and how its client goes, which resolves when the server has noticed. */
async function asked(): Promise<{ response: ServerResponse; leave: () => Promise<void> }> {
  const client = request({ port: (http.address() as AddressInfo).port, agent: false }).on('error', () => undefined);
  client.end();
  const [, response] = (await once(http, 'request')) as [unknown, ServerResponse];
  const leave = async (): Promise<void> => {
    const noticed = once(response, 'close');
    client.destroy();
    await noticed;
  };
  return { response, leave };
}

describe('a live stream', () => {
  it('has its place until its client goes', async () => {
    const { response, leave } = await asked();
    streams.begin(response, opening);
    expect([served, open]).toEqual([1, [1]]);
    await leave();
    expect(open).toEqual([1, 0]);
  });

  it('does not begin for a client who has gone already', async () => {
    const { response, leave } = await asked();
    await leave();
    streams.begin(response, opening);
    expect([served, open]).toEqual([0, []]);
  });
});
