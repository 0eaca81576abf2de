import { sendAll } from '../fault/probes/place.js';
import type { Replica } from '../support/replica.js';
import { TOKEN } from '../support/server.js';

/** As many targets as a process keeps states of: what else it keeps of them is bounded more tightly. */
export const TARGETS_KEPT = 20_000;
const AT_ONCE = 250;
/** What a pipeline says beside the version, in characters. */
const TEXT = 300;

/** Reports a deployment of each of so many targets, so that the service keeps what it keeps of those that it was told of last. */
export const warmUp = async ({ url }: Replica, targets: number): Promise<void> => {
  for (let from = 0; from < targets; from += AT_ONCE) {
    const numbers = Array.from({ length: Math.min(AT_ONCE, targets - from) }, (_, n) => from + n);
    await sendAll({ urls: [url], token: TOKEN }, numbers.flatMap(commandsOf));
  }
};

const commandsOf = (n: number): object[] => {
  const target = { project: `warm-${n % 100}`, target: `t${n}` };
  const data = { version: `1.${n}`, metadata: { text: 'x'.repeat(TEXT) } };
  return [
    { commandId: `make-${n}`, type: 'CreateTarget', ...target, data: {} },
    { commandId: `finish-${n}`, type: 'FinishDeployment', ...target, data },
  ];
};
