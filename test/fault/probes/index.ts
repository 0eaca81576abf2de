export { Detour } from './detour.js';
export { RECORD_BYTES } from './large-events.js';
export type { Place, Probe } from './place.js';

import { probeAudit } from './audit.js';
import { probeIsolation } from './isolation.js';
import { probeLargeEvents } from './large-events.js';
import type { Probe } from './place.js';
import { probeLostConnections } from './lost-connections.js';
import { probeRebuilds } from './rebuilds.js';
import { probeRedirects } from './redirects.js';
import { probeSlowReaders } from './slow-readers.js';
import { probeTail } from './tail.js';
import { probeTokens } from './tokens.js';

export const probes = {
  tokens: probeTokens,
  redirects: probeRedirects,
  isolation: probeIsolation,
  'large events': probeLargeEvents,
  'lost connections': probeLostConnections,
  tail: probeTail,
  rebuilds: probeRebuilds,
  audit: probeAudit,
  'slow readers': probeSlowReaders,
} as const satisfies Readonly<Record<string, Probe>>;

export type ProbeName = keyof typeof probes;
