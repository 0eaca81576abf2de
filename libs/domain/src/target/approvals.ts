import type { Actor, Approval } from './deployment.js';
import type { ApprovalRule } from './settings.js';

/** Whether these rules ask for anything at all: each asks for one approval or more. */
export const asksForApproval = (rules: readonly ApprovalRule[]): boolean => rules.length > 0;

/** An actor counts once per rule. */
export const hasApproved = (approvals: readonly Approval[], rule: ApprovalRule, actor: Actor): boolean =>
  approvals.some((given) => given.rule === rule.name && given.actor.id === actor.id && given.actor.kind === actor.kind);

export const isLacking = (approvals: readonly Approval[], rule: ApprovalRule): boolean =>
  countOf(approvals, rule) < rule.required;

export const lacksNothing = (approvals: readonly Approval[], rules: readonly ApprovalRule[]): boolean =>
  !rules.some((rule) => isLacking(approvals, rule));

/** `release (1 of 2)`, for the sentences of refusals. */
export const nameLacking = (approvals: readonly Approval[], rules: readonly ApprovalRule[]): string =>
  rules
    .filter((rule) => isLacking(approvals, rule))
    .map((rule) => `${rule.name} (${countOf(approvals, rule)} of ${rule.required})`)
    .join(', ');

const countOf = (approvals: readonly Approval[], { name }: ApprovalRule) =>
  approvals.filter(({ rule }) => rule === name).length;
