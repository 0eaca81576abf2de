import type { TimeOut } from '../target/settings.js';
import { Ledger } from './ledger.js';
import { inFlight, NO_SETTINGS, type Dep } from './oracle-words.js';

/** What only time does: each deadline once, and never early. */
export class OracleClock extends Ledger {
  protected settings = NO_SETTINGS;

  protected timeOut(dep: Dep): void {
    if (!inFlight(dep)) return;
    const { hanging, failing } = this.settings;
    if (this.hasRunOut(failing)) {
      this.to(dep, 'failed', 'DeploymentFailed', { why: { reason: 'timeout', rule: 'failing' } });
      dep.timedOutAt = this.tick;
    } else if (this.hasRunOut(hanging) && dep.status === 'deploying')
      this.to(dep, 'hanging', 'DeploymentHung', { why: { rule: 'hanging' } });
  }

  /** Whoever asks knows that enough time has passed. */
  protected hasRunOut({ enabled }: TimeOut): boolean {
    return enabled;
  }

  protected timeHasCome(dep: Dep): void {
    if (dep.status !== 'scheduled') return;
    if (dep.due) this.line('DeploymentDue', dep, dep.status);
    dep.due = false;
  }
}
