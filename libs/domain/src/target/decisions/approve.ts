import { hasApproved, isLacking, lacksNothing } from '../approvals.js';
import type { CommandContext, DataOf } from '../commands.js';
import { accept, nothing, type Decision } from '../decision.js';
import type { Deployment } from '../deployment.js';
import type { DecidedEvent } from '../events.js';
import { moves } from '../facts.js';
import { reject } from '../rejections.js';
import type { ApprovalRule } from '../settings.js';
import type { Target } from '../target.js';
import { onDeployment, onlyBlocked } from './given.js';

type Request = DataOf<'ApproveDeployment'>;

/**
 * An approval of a blocked deployment counts for the rule it names, else for the first one that still lacks approvals
 * and that this actor has not approved. An actor counts once per rule. The last one needed unblocks.
 */
export const approve = (target: Target, request: Request, context: CommandContext): Decision =>
  onDeployment(target, request.number, (deployment) => {
    if (deployment.status !== 'blocked') return onlyBlocked(deployment, 'approved');
    const { approvals: rules } = target.settings;
    const rule = findRule(deployment, rules, request.rule, context);
    if (!rule && request.rule !== undefined) return refuseRule(request.rule, rules);
    if (!rule || hasApproved(deployment.approvals, rule, context.actor)) return nothing(request.number);

    const approvals = [...deployment.approvals, { rule: rule.name, actor: context.actor }];
    return accept(request.number, [
      approved(deployment, rule, request, context),
      ...(lacksNothing(approvals, rules) ? [unblocked(deployment, context)] : []),
    ]);
  });

/** A blocked deployment lacks nothing more: it is scheduled. */
export const unblocked = (deployment: Deployment, context: CommandContext): DecidedEvent =>
  moves(deployment, { type: 'DeploymentUnblocked', status: 'scheduled' }, context);

const approved = (deployment: Deployment, rule: ApprovalRule, { comment }: Request, context: CommandContext) => {
  const why = { rule: rule.name, ...(comment === undefined ? {} : { comment }) };
  return moves(deployment, { type: 'DeploymentApproved', status: 'blocked', why }, context);
};

const findRule = (
  { approvals }: Deployment,
  rules: readonly ApprovalRule[],
  name: string | undefined,
  { actor }: CommandContext,
) =>
  name === undefined
    ? rules.find((rule) => isLacking(approvals, rule) && !hasApproved(approvals, rule, actor))
    : rules.find((rule) => rule.name === name);

const refuseRule = (name: string, rules: readonly ApprovalRule[]) =>
  reject(
    'unknown_rule',
    `The target has no approval rule ${name}: name one of ${rules.map((rule) => rule.name).join(', ')}.`,
  );
