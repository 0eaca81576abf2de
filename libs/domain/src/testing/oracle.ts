import type { CommandContext, TargetCommand } from '../target/commands.js';
import { OracleClock } from './oracle-clock.js';
import {
  changed,
  differs,
  EVENT,
  inFlight,
  keys,
  lacksCommit,
  MAY,
  MEANS,
  NO_ABOUT,
  NO_SETTINGS,
  onBranch,
  refsOf,
  renamed,
  same,
  sameCommit,
  take,
  waiting,
  wasCurrent,
  type Body,
  type Dep,
  type Request,
  type Rule,
} from './oracle-words.js';

const superseded = { why: { reason: 'superseded' } };
const withTarget = { why: { reason: 'target_deleted' } };

/**
 * domain.md once more, written without a look at the decisions: one flat list of deployments and plain loops. It says
 * which code or which events, as lines of text, a command must be answered with.
 */
export class Oracle extends OracleClock {
  protected exists = false;
  protected about = NO_ABOUT;
  /** Of the stream: every line is an event. */
  protected version = 0;

  expects(command: TargetCommand, context: CommandContext): string | string[] {
    const expected = this.decideOn(command, context);
    if (typeof expected !== 'string') this.version += expected.length;
    return expected;
  }

  private decideOn(
    { type, data }: TargetCommand,
    { actor, occurredAt, expectedVersion }: CommandContext,
  ): string | string[] {
    if ((type === 'CreateTarget') === this.exists) return this.exists ? 'target_exists' : 'target_not_found';
    if (expectedVersion !== undefined && expectedVersion !== this.version) return 'version_conflict';
    this.lines = [];
    this.tick += 1;
    this.at = occurredAt;
    this.by = actor.id;
    const code = this.decide(type, data as Request, actor);
    return code ?? this.lines;
  }

  private decide(type: string, request: Request, actor: { id: string; kind: string }): string | undefined {
    const inside = type === 'TimeOutDeployment' || type === 'DueDeployment';
    const dep = this.all.find(({ n }) => n === request.number);
    if (inside) return this.clock(type, dep, request);
    if (request.number !== undefined) {
      if (!dep) return 'deployment_not_found';
      const controlled = type !== 'ApproveDeployment' && type !== 'RejectDeployment';
      if (controlled && actor.kind === 'user' && !this.settings.manualControls) return 'manual_controls_disabled';
      return this.byNumber(type, dep, request, actor.id);
    }
    const by: Record<string, () => string | undefined> = {
      CreateTarget: () => this.create(request),
      ChangeTarget: () => this.changeTarget(request),
      DeleteTarget: () => this.deleteTarget(),
      ScheduleDeployment: () => this.schedule(request),
      StartDeployment: () => this.start(request),
      FinishDeployment: () => this.report(request, 'current'),
      FailDeployment: () => this.report(request, 'failed'),
      CancelDeployment: () => this.cancel(request),
      RollbackDeployment: () => this.rollback(request),
    };
    return by[type]?.();
  }

  private byNumber(type: string, dep: Dep, request: Request, actor: string): string | undefined {
    const status = MEANS[type];
    return status === undefined ? this.byVerb(type, dep, request, actor) : this.move(dep, status, request);
  }

  private byVerb(type: string, dep: Dep, request: Request, actor: string): string | undefined {
    if (type === 'ApproveDeployment') return this.approve(dep, request, actor);
    if (type === 'RejectDeployment') return this.reject(dep, request);
    return type === 'ChangeDeployment' ? this.change(dep, request) : this.delete(dep);
  }

  private move(dep: Dep, status: string, request: Request): string | undefined {
    if (dep.status === status) return undefined;
    if (!MAY[status]?.includes(dep.status)) return `not_allowed_from ${dep.status}`;
    if (status === 'deploying') return this.startGiven(dep, request);
    if (status === 'current' || status === 'failed') return this.end(dep, status, request);
    return this.to(dep, status, EVENT[status] ?? '', { why: { reason: request.reason } });
  }

  private reject(dep: Dep, { comment }: Request): string | undefined {
    if (dep.status !== 'blocked') return `not_allowed_from ${dep.status}`;
    return this.to(dep, 'canceled', 'DeploymentRejected', { why: { comment } });
  }

  private delete(dep: Dep): string | undefined {
    if (inFlight(dep)) return 'deployment_in_flight';
    if (dep.status === 'current') return 'deployment_is_current';
    this.all = this.all.filter((each) => each !== dep);
    this.line('DeploymentDeleted', dep, dep.status);
    return undefined;
  }

  private startGiven(dep: Dep, request: Request): string | undefined {
    const deploying = this.deploying();
    if (deploying && !request.supersede) return 'deployment_in_flight';
    const body = take(dep, request);
    if (lacksCommit(body.refs)) return 'commit_required';
    if (dep.unblocked && differs(dep, body)) return 'approval_required';
    if (deploying) this.to(deploying, 'canceled', 'DeploymentCanceled', superseded);
    return this.to(dep, 'deploying', 'DeploymentStarted', { body });
  }

  private schedule(request: Request): string | undefined {
    const waits = this.pick(request, (dep) => waiting(dep));
    if (waits && !request.supersede) return this.change(waits, request);
    if (!request.version) return 'version_required';
    if (waits) this.to(waits, 'canceled', 'DeploymentCanceled', superseded);
    const blocked = this.settings.rules.length > 0;
    return this.add(blocked ? 'DeploymentBlocked' : 'DeploymentScheduled', blocked ? 'blocked' : 'scheduled', request);
  }

  private start(request: Request): string | undefined {
    const deploying = this.deploying();
    if (request.supersede) return this.startNew(request);
    if (deploying) return this.replace(deploying, take(deploying, request));
    const hanging = this.pick(request, ({ status }) => status === 'hanging');
    if (hanging) {
      const body = take(hanging, request);
      if (hanging.unblocked && differs(hanging, body)) return 'approval_required';
      return this.to(hanging, 'deploying', 'DeploymentStarted', { body });
    }
    const scheduled = this.pick(request, ({ status }) => status === 'scheduled');
    if (scheduled) return this.startGiven(scheduled, request);
    if (this.pick(request, ({ status }) => status === 'blocked')) return 'approval_required';
    return this.startNew(request);
  }

  private startNew(request: Request): string | undefined {
    if (!request.version) return 'version_required';
    if (lacksCommit(refsOf(request))) return 'commit_required';
    if (this.settings.requireSchedule) return 'no_scheduled_deployment';
    if (this.settings.rules.length > 0) return 'approval_required';
    const deploying = this.deploying();
    if (deploying) this.to(deploying, 'canceled', 'DeploymentCanceled', superseded);
    return this.add('DeploymentStarted', 'deploying', request);
  }

  private replace(dep: Dep, body: Body): string | undefined {
    const replaced = body.version !== dep.version || keys(body.refs) !== keys(dep.refs);
    if ((replaced && this.settings.rules.length > 0) || (dep.unblocked && differs(dep, body)))
      return 'approval_required';
    if (same(dep, body)) return undefined;
    return this.to(dep, 'deploying', replaced ? 'DeploymentReplaced' : 'DeploymentChanged', { body });
  }

  /** finish and fail */
  private report(request: Request, status: 'current' | 'failed'): string | undefined {
    const open = this.pick(request, inFlight) ?? this.pick(request, (dep) => waiting(dep) && sameCommit(dep, request));
    if (open) return this.end(open, status, request);
    const timedOut = this.all.filter(({ timedOutAt }) => timedOutAt > 0).sort((a, b) => b.timedOutAt - a.timedOutAt);
    const late = timedOut
      .slice(0, 50)
      .filter((dep) => dep.version === request.version && onBranch(dep, request))
      .sort((a, b) => b.n - a.n)[0];
    if (late) return status === 'failed' ? undefined : this.end(late, status, request);
    if (!request.version) return status === 'failed' ? 'no_deployment_in_flight' : 'version_required';
    const { rules, requireSchedule } = this.settings;
    const passed = [rules.length > 0 && 'approval_required', requireSchedule && 'no_scheduled_deployment'];
    if (status === 'current') this.supersede(this.last + 1, null);
    return this.add(EVENT[status] ?? '', status, request, { why: { violations: passed.filter(Boolean).join() } });
  }

  private end(dep: Dep, status: 'current' | 'failed', request: Request): string | undefined {
    const body = take(dep, request);
    const passed = (dep.asked && !dep.unblocked) || (dep.unblocked && differs(dep, body));
    const recoveredFrom = dep.status === 'failed' || dep.status === 'canceled' ? dep.status : '';
    if (status === 'current') this.supersede(dep.n, dep.rollbackOf);
    const why = {
      violations: passed ? 'approval_required' : '',
      recoveredFrom,
      reason: status === 'failed' ? request.reason : '',
    };
    return this.to(dep, status, EVENT[status] ?? '', { why, body });
  }

  private supersede(by: number, rollbackOf: number | null): void {
    const former = this.all.find(({ status }) => status === 'current');
    if (former)
      this.to(former, rollbackOf === null ? 'completed' : 'rolled_back', 'DeploymentSuperseded', {
        why: { supersededBy: by },
      });
  }

  private cancel(request: Request): string | undefined {
    const open =
      this.pick(request, inFlight) ??
      this.pick(request, (dep) => waiting(dep) && sameCommit(dep, request)) ??
      this.pick(request, waiting);
    return open
      ? this.to(open, 'canceled', 'DeploymentCanceled', { why: { reason: request.reason } })
      : 'no_open_deployment';
  }

  private rollback(request: Request): string | undefined {
    const was = this.all.filter(wasCurrent).sort((a, b) => b.leftAt - a.leftAt);
    const to = request.to === undefined ? was[0] : this.all.find(({ n }) => n === request.to);
    if (request.to !== undefined && !to) return 'deployment_not_found';
    if (this.deploying()) return 'deployment_in_flight';
    if (!to || !wasCurrent(to)) return 'nothing_to_roll_back_to';
    const rollbackOf = this.all.find(({ status }) => status === 'current')?.n ?? null;
    return this.add('DeploymentStarted', 'deploying', request, {
      origin: { version: to.version, refs: to.refs, rollbackOf },
    });
  }

  private change(dep: Dep, request: Request): string | undefined {
    const body = take(dep, request);
    const isNewBranch = waiting(dep) && keys(body.refs) !== '' && keys(body.refs) !== keys(dep.refs);
    if (isNewBranch && this.all.some((each) => each !== dep && waiting(each) && keys(each.refs) === keys(body.refs)))
      return 'branch_is_waiting';
    if (dep.unblocked && differs(dep, body)) return 'approval_required';
    if (same(dep, body)) return undefined;
    const withdrawn = dep.status === 'blocked' && dep.given.length > 0 && differs(dep, body);
    if (withdrawn) dep.given = [];
    return this.to(dep, dep.status, 'DeploymentChanged', { why: { withdrawn: withdrawn || '' }, body });
  }

  private approve(dep: Dep, { rule: name, comment }: Request, actor: string): string | undefined {
    const { rules } = this.settings;
    if (dep.status !== 'blocked') return `not_allowed_from ${dep.status}`;
    const countOf = (rule: Rule) => dep.given.filter((each) => each.startsWith(`${rule.name}/`)).length;
    const rule =
      name === undefined
        ? rules.find((each) => countOf(each) < each.required && !dep.given.includes(`${each.name}/${actor}`))
        : rules.find((each) => each.name === name);
    if (name !== undefined && !rule) return 'unknown_rule';
    if (!rule || dep.given.includes(`${rule.name}/${actor}`)) return undefined;
    dep.given.push(`${rule.name}/${actor}`);
    this.line('DeploymentApproved', dep, 'blocked', { rule: rule.name, comment });
    this.unblock(dep);
    return undefined;
  }

  private unblock(dep: Dep): void {
    const isMet = ({ name, required }: Rule) =>
      dep.given.filter((each) => each.startsWith(`${name}/`)).length >= required;
    if (dep.status !== 'blocked' || !this.settings.rules.every(isMet)) return;
    dep.unblocked = true;
    this.to(dep, 'scheduled', 'DeploymentUnblocked');
  }

  private clock(type: string, dep: Dep | undefined, { now }: Request): string | undefined {
    const over = now !== undefined && now > '9';
    if (!dep || !over) return undefined;
    if (type === 'DueDeployment') this.timeHasCome(dep);
    else this.timeOut(dep);
    return undefined;
  }

  private create(request: Request): undefined {
    this.exists = true;
    this.settings = changed(NO_SETTINGS, request.settings);
    this.about = renamed(NO_ABOUT, request);
    this.lines.push('TargetCreated');
  }

  private changeTarget(request: Request): undefined {
    const before = JSON.stringify([this.settings, this.about]);
    this.settings = changed(this.settings, request.settings);
    this.about = renamed(this.about, request);
    if (JSON.stringify([this.settings, this.about]) === before) return;
    this.lines.push('TargetChanged');
    this.all.forEach((dep) => this.unblock(dep));
  }

  private deleteTarget(): string | undefined {
    if (this.all.some(inFlight)) return 'deployment_in_flight';
    for (const dep of this.all) {
      if (dep.status === 'current') this.to(dep, 'retired', 'DeploymentRetired', withTarget);
      else if (waiting(dep)) this.to(dep, 'canceled', 'DeploymentCanceled', withTarget);
    }
    this.exists = false;
    this.lines.push('TargetDeleted');
    return undefined;
  }
}
