import type { PresentedCheckpoint } from '../audit.js';
import { ceHeadersOfCheckpoint } from '../audit.js';
import { STORE_ID } from './story.js';
import type { MessageExample } from './messages.js';

/** Those of docs/audit-vectors.json: what is shown here can be verified. */
const origin = `urn:shiplog:${STORE_ID}`;
const keyId = '2e571a0b';
const root = 'aU6CLtSHRs68xdELFS4Qb/ux4p7mu6PtRM58m9MSKwo=';
const time = '2026-11-20T10:05:00.123456Z';
const signature = 'LlcaCwLUchbLu2VaPmRbsA/LcGmQWqxU5shfkvTTIFj6928Ogo+zyPuk5GtXl5SkUtokykeaoaikdLftI93fuTXbSAE=';
const note = `${origin}\n7\n${root}\ntime ${time}\n\n— ${origin} ${signature}\n`;
const checkpoint: PresentedCheckpoint = { size: 7, root, time, keyId, note };

const event = {
  position: 6,
  stream: 'target:web-shop/production',
  version: 5,
  eventId: '0199f6a4-71b8-7c06-8a3f-b1d5a2c4e606',
  type: 'DeploymentRetired',
  occurredAt: '2026-11-20T10:00:00.000000Z',
  recordedAt: '2026-11-20T10:00:00.104217Z',
  commandId: 'build-4711',
  data: '{"number":1,"from":"current","status":"retired"}',
  metadata: '{"actor":{"id":"ci","kind":"service"}}',
  hash: '+XHj/duV2WpEjpA6/cwVgBp+t9aYB2L4P/EzzP6f5/U=',
};

/** An example of each schema of the audit chain. */
export const auditExamples: Readonly<Record<string, unknown>> = {
  Checkpoint: checkpoint,
  SealedEvent: event,
  InclusionProof: {
    position: 6,
    size: 7,
    leafHash: event.hash,
    previousHash: 'PLmg+It7NfuNyYjVeG7ws+sK2yaH8EMBKsBwISRuECI=',
    hashes: [
      'PLmg+It7NfuNyYjVeG7ws+sK2yaH8EMBKsBwISRuECI=',
      'aGciHXaXzVp6tMeo573UaoDoN0+kYX/WA8rbLvExYww=',
      'zB3Yy/4mnS7/jy3Gge2Eqasro9Q1ZttHF1rG83a1xi4=',
    ],
    event,
    checkpoint: note,
  },
  ConsistencyProof: {
    from: 3,
    to: 7,
    hashes: [
      'HOUjvvCp0UAO4CAjfmT6IK3DVSlCN0eY8GymNQ3STss=',
      'WZO0HdEMR8YFobgIqxoCD+B3cLceXDpQ9kC5s+xrI/E=',
      '32ZbStOVqiBcZ0qZwdJENgcr/qRKetEoQ9A8VPYVtkc=',
      'YGylqsto2g4pMNfCT+nIjrfxxr/F666gsWCRRdMeLJE=',
    ],
  },
  AuditKeys: {
    origin,
    keys: [
      {
        keyId,
        vkey: `${origin}+${keyId}+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4`,
        fromSize: 0,
        addedAt: '2026-11-20T10:00:00.000000Z',
      },
    ],
  },
};

export const checkpointMessageExamples: MessageExample[] = [
  { name: 'signed', headers: ceHeadersOfCheckpoint(STORE_ID, checkpoint), payload: checkpoint },
];
