import {
  describe,
  keys,
  onBranch,
  previousOf,
  refsOf,
  textOf,
  wasCurrent,
  type Body,
  type Dep,
  type Request,
} from './oracle-words.js';

/** Why something happens, and what the deployment holds afterwards where that changes. */
type More = { why?: Why; body?: Body };
type Why = { reason?: string | undefined; violations?: string; supersededBy?: number; [name: string]: unknown };

/** The oracle's deployments in one flat list, and the lines that say what happened to them. */
export class Ledger {
  protected all: Dep[] = [];
  protected last = 0;
  protected tick = 0;
  protected lines: string[] = [];
  /** When what is decided now happened, and who sent it. */
  protected at = '';
  protected by = '';

  protected deploying(): Dep | undefined {
    return this.all.find(({ status }) => status === 'deploying');
  }

  protected pick(request: Request, fits: (dep: Dep) => boolean): Dep | undefined {
    const pairs = keys(refsOf(request));
    const rank = (dep: Dep) =>
      (pairs !== '' && keys(dep.refs) === pairs ? 2e6 : 0) + (dep.status === 'deploying' ? 1e6 : 0) + dep.n;
    return this.all.filter((dep) => fits(dep) && onBranch(dep, request)).sort((a, b) => rank(b) - rank(a))[0];
  }

  protected add(type: string, status: string, request: Request, more: More & { origin?: object } = {}): undefined {
    const body = {
      version: request.version ?? '',
      refs: refsOf(request),
      note: request.description ?? null,
      time: request.scheduledFor ?? null,
      link: JSON.stringify(request.externalLink ?? null),
      meta: JSON.stringify(request.metadata ?? {}),
    };
    const times = { createdAt: this.at, startedAt: null, finishedAt: null, endedAt: null };
    const rest = {
      asked: status === 'blocked',
      unblocked: false,
      rollbackOf: null,
      given: [],
      timedOutAt: 0,
      leftAt: 0,
      actor: this.by,
      ...{ failureReason: null, supersededBy: null, violations: [] },
    };
    const due = body.time !== null;
    const dep: Dep = { n: (this.last += 1), status, ...body, ...times, ...rest, due, ...more.origin };
    const why = { reason: status === 'failed' ? request.reason : '', ...more.why };
    this.all.push(dep);
    this.stamp(dep, null, why);
    this.line(type, dep, null, { rollbackOf: dep.rollbackOf, ...why });
  }

  protected to(dep: Dep, status: string, type: string, { why = {}, body }: More = {}): undefined {
    const from = dep.status;
    const previous = body && previousOf(dep, body);
    if (body && body.time !== dep.time) dep.due = body.time !== null;
    Object.assign(dep, body, { status });
    if (status !== 'blocked') dep.given = [];
    if (from === 'current' && status !== from) dep.leftAt = this.tick;
    if (status === 'current') dep.timedOutAt = 0;
    this.stamp(dep, from, why);
    this.line(type, dep, from, { previous, ...why });
  }

  /** When it began, succeeded and ended, and what stays said of it. */
  private stamp(dep: Dep, from: string | null, { reason, violations, supersededBy }: Why): void {
    const { status } = dep;
    dep.violations = [...new Set([...dep.violations, ...(violations ? violations.split(',') : [])])];
    dep.supersededBy = supersededBy ?? dep.supersededBy;
    if (from === status) return;
    const hasEnded = wasCurrent(dep) || status === 'failed' || status === 'canceled';
    if (status === 'deploying' && from !== 'hanging') dep.startedAt = this.at;
    if (status === 'current') dep.finishedAt = this.at;
    dep.endedAt = hasEnded ? this.at : null;
    dep.failureReason = status === 'failed' ? reason || null : null;
  }

  protected line(type: string, dep: Dep, from: string | null, why: object = {}): void {
    this.lines.push(describe(type, { ...dep, from, refs: textOf(dep.refs) }, why));
  }
}
