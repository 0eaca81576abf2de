import type { Kernel, Owner } from '../kernel.js';
import type { Link } from '../weather.js';
import type { Broker } from './broker.js';

export type KafkaParts = Readonly<{
  kernel: Kernel;
  broker: Broker;
  owner: Owner;
  link: Pick<Link, 'call'>;
  sleep: (ms: number) => Promise<unknown>;
  /** How often a request reaches some of its partitions alone. */
  tears: () => number;
}>;
