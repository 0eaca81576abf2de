import { devlake } from '../../apps/server/src/facades/devlake/dialect.js';
import type { Loose } from './server.js';

const dated = { startedDate: '2026-01-01T12:00:00+00:00', finishedDate: '2026-01-01T12:30:00+00:00' };

/** A commit as DevLake's documentation has it; `more` goes before. */
export const deployedCommit = (more: object = {}): Loose => ({
  repoUrl: 'https://git.example/web-shop',
  refName: 'release-1.4',
  commitSha: '015e3d3b480e417aede5a1293bd61de9b0fd051d',
  ...dated,
  ...more,
});

/** A report of a deployment that has ended; `more` goes before. */
export const deployedReport = (more: object = {}): Loose => ({
  id: 'deploy-1',
  result: 'SUCCESS',
  ...dated,
  deploymentCommits: [deployedCommit()],
  ...more,
});

/** The paths below each prefix, with the parameter that they have. */
export const webhookPaths = [
  '/connections/:connection/deployments',
  '/connections/by-name/:connection/deployments',
  '/projects/:connection/deployments',
  '/:connection/deployments',
];

/** What the routes take that report. */
export const devlakeBodies = (): Readonly<Record<string, object>> =>
  Object.fromEntries(
    devlake.prefixes.flatMap((prefix) => webhookPaths.map((path) => [`${prefix}${path}`, deployedReport()])),
  );
