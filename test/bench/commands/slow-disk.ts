import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Databases } from '../frame/database.js';
import { Peer, withPeers } from '../frame/peer.js';
import { inTurn, type Contestant } from '../frame/rounds.js';
import type { Bench } from '../frame/row.js';
import { newRival, TARGETS, type Rival } from './contender.js';
import { rateOf } from './duel.js';
import type { ServerMethods } from './slow-disk-process.js';

const COMMANDS = 60_000;
const IN_FLIGHT = 2_000;

const source = `
#define _GNU_SOURCE
#include <dlfcn.h>
#include <time.h>

int fdatasync(int fd) {
  static int (*real)(int);
  const struct timespec millisecond = { 0, 1000000 };
  if (!real) real = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
  nanosleep(&millisecond, 0);
  return real(fd);
}
`;

/** Builds what makes each fdatasync last 1 ms longer, where the server's own user can read it. */
async function withShim<T>(work: (shim: string) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), 'shiplog-shim-'));
  try {
    chmodSync(directory, 0o755);
    const shim = join(directory, 'slow-fdatasync.so');
    writeFileSync(join(directory, 'shim.c'), source);
    execFileSync('cc', ['-shared', '-fPIC', '-O2', '-o', shim, join(directory, 'shim.c'), '-ldl']);
    return await work(shim);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** The waist on two servers that differ in their disk alone. */
export const slowDisk: Bench = (settings) =>
  withShim((shim) =>
    withPeers(async (open) => {
      const newServer = (env: NodeJS.ProcessEnv): Peer<ServerMethods> =>
        open(new Peer<ServerMethods>(new URL('./slow-disk-process.js', import.meta.url), { env }));
      const [slow, asItIs] = [newServer({ LD_PRELOAD: shim }), newServer({})];
      const on = <T>(server: Peer<ServerMethods>, work: (databases: Databases) => Promise<T>): Promise<T> =>
        server.ask('url').then((url) => Databases.during(url, work));

      return on(slow, (slowly) =>
        on(asItIs, (quickly) =>
          withPeers(async (enter) => {
            if (!readFileSync(`/proc/${slowly.server.pid}/maps`, 'utf8').includes(shim))
              throw new Error('The server has not loaded what slows its disk down.');
            const contestant = async (databases: Databases): Promise<Contestant> => {
              const targets = settings.short ? 500 : TARGETS;
              const waist: Rival = enter(newRival('waist', await databases.create('waist'), { targets }));
              await waist.ask('prepare');
              const run = { commands: settings.short ? COMMANDS / 20 : COMMANDS, inFlight: IN_FLIGHT };
              return {
                round: async () => rateOf(await waist.ask('run', run)),
                watched: [{ title: 'waist', pid: waist.pid }, databases.server],
              };
            };
            const sides = await inTurn(settings, await contestant(slowly), await contestant(quickly));
            const note =
              'Two servers alike, each with a database of its own; 1 ms is added in front of every fdatasync of the one.';
            return [{ name: 'slow disk/disk', ...sides, note }];
          }),
        ),
      );
    }),
  );
