import { streamOf } from '#domain';
import { fullNumberIdOf } from '../../apps/server/src/facades/space/identifiers.js';
import { stableNumber } from '../../apps/server/src/facades/stable-number.js';
import type { Flock, Shared } from './canaries.js';
import type { Values } from './crawl.js';
import { uuidsOf } from './versioner.js';

/** What may stand for each parameter of a read, about such a project. */
export const projectValues = (flock: Flock, both: Shared): { paths: Values; queries: Values } => ({
  paths: {
    project: [flock.project],
    target: flock.targets,
    number: ['1', '2'],
    id: flock.ids,
    commandId: flock.commandIds.slice(-3),
    sha: [both.commit, both.commit.slice(0, 7), flock.bird('commit1')],
    issue: [both.issue, flock.bird('issue1')],
    version: [both.version, flock.bird('version1')],
    tokenId: [flock.tokens.service.id, flock.tokens.person.id],
    actorId: [flock.bird('person')],
    position: flock.ids,
    asset: ['swagger-ui.css'],
    // As the dialects name projects and targets.
    owner: ['-'],
    repo: [flock.project],
    login: [flock.bird('person')],
    environment: flock.targets,
    statusId: flock.ids.slice(0, 2),
    cloudId: ['any'],
    pipelineId: [flock.project],
    environmentId: flock.targets,
    deploymentSequenceNumber: flock.ids.slice(0, 2),
    projectIdentifier: [`key:${flock.project}`],
    targetIdentifier: [flock.targets[0]!, `id:${flock.targets[1]!}`, 'key:production'],
    deploymentIdentifier: [`id:${flock.ids[0]!}`, 'status:current', 'status:Scheduled', `version:${both.version}`],
    fullNumberId: flock.targets.map((key) => fullNumberIdOf(flock.project, key)),
    pathOrId: [flock.project, String(stableNumber(flock.project))],
    environmentNumber: flock.targets.map((key) => String(stableNumber(streamOf(flock.project, key)))),
    connection: [flock.project],
    uuid: uuidsOf(flock, both.version),
    org: ['-', flock.project],
    cluster: [flock.targets[0]!],
    job: ['0', ...flock.ids.map((id) => `${id}0001`)],
    digest: [`sha256:${'a'.repeat(64)}`],
  },
  queries: {
    project: [flock.project],
    target: [flock.targets[0]!, 'production'],
    environmentType: ['production', 'unmapped'],
    status: ['current', 'failed', 'canceled', 'deploying'],
    version: [both.version, flock.bird('version1')],
    repository: ['shared', flock.bird('repository1')],
    branch: [both.branch, flock.bird('branch1')],
    commit: [both.commit, flock.bird('commit1')],
    actor: [flock.bird('service'), flock.bird('person')],
    from: ['2020-01-01T00:00:00Z'],
    to: [flock.filledAt],
    at: [flock.filledAt],
    by: ['occurred', 'recorded'],
    type: ['DeploymentFinished', 'TargetCreated', 'TargetDeleted'],
    after: ['0'],
    limit: ['1', '200'],
    cursor: ['none'],
    hashes: ['true', 'false'],
    size: ['1'],
    min_position: [String(flock.position)],
  },
});
