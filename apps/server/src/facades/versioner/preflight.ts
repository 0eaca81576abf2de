import type { Approval, ApprovalRule, Metadata, Status } from '#domain';
import type { Preflight } from './dialect.js';
import { uuidOfDeployment } from './ids.js';
import type { Event } from './read-event.js';
import { recordedIn } from './recorded.js';
import type { Known } from '../target-standing.js';
import { shownAs } from './statuses.js';

/** Another deployment is on its way there. */
export const concurrent = ({ target }: Pick<Event, 'target'>, by: Known, id: number | undefined): Preflight => ({
  status: 409,
  code: 'DEPLOYMENT_IN_PROGRESS',
  message: `Another deployment to ${target} is already in progress`,
  details: {
    rule_name: 'Concurrent deployments',
    ...(id === undefined ? {} : { conflicting_deployment_id: uuidOfDeployment(id) }),
    conflicting_deployment_version: by.version,
    conflicting_deployment_status: shownAs[by.status],
    conflicting_deployment_started: by.since,
  },
});

type Waiting = Readonly<{ id?: number | undefined; approvals?: readonly Approval[]; rules?: readonly ApprovalRule[] }>;

/** The target asks for approvals, and has not all of them. */
export function lacksApproval({ id, approvals, rules = [] }: Waiting): Preflight {
  const given = (name: string): number => (approvals ?? []).filter(({ rule }) => rule === name).length;
  const lacking = rules.find(({ name, required }) => given(name) < required) ?? rules[0];
  return {
    status: 428,
    code: 'APPROVAL_REQUIRED',
    message: 'The deployment needs approval before it may start',
    details: {
      rule_name: lacking?.name ?? 'Approval',
      ...(lacking ? { required_approvals: lacking.required } : {}),
      ...(lacking && approvals ? { current_approvals: given(lacking.name) } : {}),
      ...(id === undefined ? {} : { deployment_id: uuidOfDeployment(id) }),
    },
  };
}

/** The target takes only what was planned before. */
export const lacksSchedule = (): Preflight => ({
  status: 428,
  code: 'NO_SCHEDULED_DEPLOYMENT',
  message: 'The environment takes planned deployments only: report it as pending first',
  details: { rule_name: 'requireSchedule' },
});

type Shown = Readonly<{ status: Status; metadata: Metadata; violations: readonly string[] }>;

/** What is told of the checks: rules that a report passed by all the same are told as those that only report. */
export function preflightStatus({ violations }: Shown) {
  return {
    rules_evaluated: violations.map((violation) => ({
      rule_name: violation,
      status: 'report_only',
      evaluation_result: 'failed',
      error_message: messages[violation] ?? violation,
    })),
  };
}

const messages: Readonly<Record<string, string>> = {
  approval_required: 'It was deployed without the approvals that the environment asks for',
  no_scheduled_deployment: 'It was deployed without having been planned',
};

/** The check that it did not pass, while that is the last that is known of it. */
export const preflightFailed = ({ status, metadata }: Omit<Shown, 'violations'>): string | undefined =>
  status === 'canceled' ? recordedIn(metadata).preflight : undefined;
