import { createRequire, syncBuiltinESMExports } from 'node:module';
import { EPOCH_MS, Kernel, type Appointment } from './kernel.js';

const require = createRequire(import.meta.url);
const wallNow = performance.now.bind(performance);

let kernel = new Kernel(0);

/** A timer as Node hands it out. */
class Timer {
  appointment: Appointment | undefined;
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }
  hasRef(): boolean {
    return true;
  }
}

const once = (run: (...args: unknown[]) => void, ms = 0, ...args: unknown[]): Timer => {
  const timer = new Timer();
  timer.appointment = kernel.after(Math.max(1, ms), kernel.current, () => run(...args));
  return timer;
};

const again = (run: (...args: unknown[]) => void, ms = 0, ...args: unknown[]): Timer => {
  const timer = new Timer();
  const owner = kernel.current;
  const turn = (): void => {
    timer.appointment = kernel.after(Math.max(1, ms), owner, turn);
    run(...args);
  };
  timer.appointment = kernel.after(Math.max(1, ms), owner, turn);
  return timer;
};

const clear = (timer: Timer | undefined): void => {
  if (timer?.appointment) timer.appointment.run = undefined;
};

const sleep = <T>(ms = 1, value?: T, options: { signal?: AbortSignal } = {}): Promise<T> =>
  new Promise((resolve, reject) => {
    const { signal } = options;
    const abort = (): void => {
      clear(timer);
      reject(signal!.reason as Error);
    };
    const timer = once(() => {
      signal?.removeEventListener('abort', abort);
      resolve(value as T);
    }, ms);
    if (signal?.aborted) return abort();
    signal?.addEventListener('abort', abort, { once: true });
  });

type Same = (bytes: Buffer) => Buffer;
type Gzip = (bytes: Buffer, options: object, done: (error: Error | null, result: Buffer) => void) => void;

/**
 * Has all code that is loaded from now on live by the kernel's clock and dice: timers, dates, random numbers and ids. Each
 * process reads the clock of its own owner. No thread is waited for, nor time lost: what is compressed stays as it is.
 */
export const installVirtualTime = (): void => {
  Object.assign(globalThis, { setTimeout: once, setInterval: again, clearTimeout: clear, clearInterval: clear });
  const resolved = Promise.resolve();
  // Node's own makes a resource for each.
  globalThis.queueMicrotask = (run) => void resolved.then(run);
  Date.now = () => Math.floor(EPOCH_MS + kernel.now + kernel.current.skewMs);
  Object.defineProperty(performance, 'now', { value: () => kernel.now });
  Math.random = () => kernel.random();
  const timers = require('node:timers/promises') as { setTimeout: unknown };
  timers.setTimeout = sleep;
  const crypto = require('node:crypto') as { randomFillSync: (bytes: Buffer) => Buffer };
  // Ids are told apart by their count: what is drawn for many at once would be another simulation's too.
  crypto.randomFillSync = (bytes) => bytes.fill(7);
  const zlib = require('node:zlib') as { gzip: Gzip; gzipSync: Same; gunzipSync: Same };
  zlib.gzipSync = zlib.gunzipSync = (bytes) => Buffer.from(bytes);
  zlib.gzip = (bytes, _, done) => queueMicrotask(() => done(null, Buffer.from(bytes)));
  syncBuiltinESMExports();
};

/** From now on time is that of this simulation. */
export const useKernel = (next: Kernel): void => {
  kernel = next;
};

/** The clock of the wall, for whoever measures the simulation. */
export const wallMs = (): number => wallNow();
