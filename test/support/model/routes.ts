import type { Sent } from './game.js';
import type { Data } from './steps.js';

type Request = Readonly<{ method: string; path: string; headers: Record<string, string>; body: object }>;

const VERBS: Readonly<Record<string, string>> = {
  ScheduleDeployment: 'schedule',
  StartDeployment: 'start',
  FinishDeployment: 'finish',
  FailDeployment: 'fail',
  CancelDeployment: 'cancel',
  RollbackDeployment: 'rollback',
  RetireDeployment: 'retire',
  ApproveDeployment: 'approve',
  RejectDeployment: 'reject',
};
const METHODS: Readonly<Record<string, string>> = {
  ChangeTarget: 'PATCH',
  ChangeDeployment: 'PATCH',
  DeleteTarget: 'DELETE',
  DeleteDeployment: 'DELETE',
};

/** A command by the route of its own. */
export const requestOf = ({ command }: Sent): Request => {
  const { commandId, type, project, target, occurredAt, expectedVersion, data } = command;
  const { number, ...said } = data as Data & { number?: number };
  const targets = `/projects/${project}/targets`;
  const place = number === undefined ? `${targets}/${target}` : `${targets}/${target}/deployments/${number}`;
  const verb = VERBS[type];
  return {
    method: METHODS[type] ?? 'POST',
    path: type === 'CreateTarget' ? targets : verb === undefined ? place : `${place}/${verb}`,
    headers: {
      'idempotency-key': commandId,
      ...(expectedVersion === undefined ? {} : { 'if-match': `"${expectedVersion}"` }),
    },
    body: { ...said, occurredAt, ...(type === 'CreateTarget' ? { key: target } : {}) },
  };
};
