import { setTimeout as sleep } from 'node:timers/promises';

/** A server beside this process: its end, by us, and when it has ended, by whomever. */
export type Server = Readonly<{ stop: () => Promise<void>; ended: () => Promise<void> }>;

type Kept = Readonly<{
  name: string;
  first: Server;
  /** Where it was, so that whoever used it finds it again. */
  startAgain: () => Promise<Server>;
  say: (line: string) => void;
  /** Between attempts. */
  pauseMs?: number;
}>;

/** Starts a server again whenever it ends by itself, and says so; answers how to end it for good. */
export const keepUp = ({ name, first, startAgain, say, pauseMs = 1_000 }: Kept): (() => Promise<void>) => {
  let stopping = false;
  let server: Promise<Server | undefined> = Promise.resolve(first);
  const revive = async (): Promise<Server | undefined> => {
    while (!stopping) {
      try {
        return await startAgain();
      } catch (error) {
        say(`${name} did not start again, and is tried again: ${(error as Error).message}`);
        await sleep(pauseMs);
      }
    }
    return undefined;
  };
  const watch = async (): Promise<void> => {
    for (let each = await server; each; each = await server) {
      await each.ended();
      if (stopping) return;
      say(`${name} has ended by itself, and is started again`);
      server = revive();
    }
  };
  void watch();
  return async () => {
    stopping = true;
    await (await server)?.stop();
  };
};
