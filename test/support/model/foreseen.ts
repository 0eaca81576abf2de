import { Oracle, inFlight, waiting, type Dep } from '#domain/testing';
import { PAST, type Pick } from './steps.js';

type TimeOut = Readonly<{ enabled: boolean; afterMinutes: number }>;

/** The oracle of one target, with what the commands to come and the views are held to. */
export class Foreseen extends Oracle {
  /** What the clock does by itself, and at once, as the target stands now. */
  timePasses(): string[] {
    this.lines = [];
    this.tick += 1;
    this.at = 'clock';
    for (const dep of this.all.filter((each) => this.isUp(each))) {
      if (inFlight(dep)) this.timeOut(dep);
      else this.timeHasCome(dep);
    }
    this.version += this.lines.length;
    return this.lines;
  }

  get stands(): Readonly<{ exists: boolean; version: number; about: object; deployments: readonly Dep[] }> {
    const { exists, version, all, settings, about } = this;
    const { rules, ...rest } = settings;
    return {
      exists,
      version,
      deployments: exists ? all : [],
      about: { ...about, settings: { ...rest, approvals: rules } },
    };
  }

  numberOf(pick: Pick): number {
    if ('near' in pick) return Math.max(1, this.last - pick.near);
    const isOne = ({ status }: Dep) => 'open' in pick || status === 'blocked';
    const open = this.all.filter((dep) => (waiting(dep) || inFlight(dep)) && isOne(dep));
    const index = 'open' in pick ? pick.open : pick.blocked;
    return open[index % (open.length || 1)]?.n ?? Math.max(1, this.last);
  }

  private isUp(dep: Dep): boolean {
    const { hanging, failing } = this.settings;
    if (inFlight(dep)) return this.hasRunOut(failing) || (dep.status === 'deploying' && this.hasRunOut(hanging));
    return dep.status === 'scheduled' && dep.due && dep.time === PAST;
  }

  protected override hasRunOut({ enabled, afterMinutes }: TimeOut): boolean {
    return enabled && afterMinutes < 1;
  }
}
