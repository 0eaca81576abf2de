import { describe, keys, onBranch, refsOf, textOf, type Body, type Dep, type Request } from './oracle-words.js';

/** Why something happens, and what the deployment holds afterwards where that changes. */
type More = { why?: object; body?: Body };

/** The oracle's deployments in one flat list, and the lines that say what happened to them. */
export class Ledger {
  protected all: Dep[] = [];
  protected last = 0;
  protected tick = 0;
  protected lines: string[] = [];

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
    };
    const rest = {
      asked: status === 'blocked',
      unblocked: false,
      rollbackOf: null,
      given: [],
      timedOutAt: 0,
      leftAt: 0,
    };
    const dep: Dep = { n: (this.last += 1), status, ...body, ...rest, due: body.time !== null, ...more.origin };
    this.all.push(dep);
    this.line(type, dep, null, { reason: status === 'failed' ? request.reason : '', ...more.why });
  }

  protected to(dep: Dep, status: string, type: string, { why, body }: More = {}): undefined {
    const from = dep.status;
    if (body && body.time !== dep.time) dep.due = body.time !== null;
    Object.assign(dep, body, { status });
    if (status !== 'blocked') dep.given = [];
    if (from === 'current' && status !== from) dep.leftAt = this.tick;
    if (status === 'current') dep.timedOutAt = 0;
    this.line(type, dep, from, why);
  }

  protected line(type: string, dep: Dep, from: string | null, why: object = {}): void {
    this.lines.push(describe(type, { ...dep, from, refs: textOf(dep.refs) }, why));
  }
}
