import { addMinutes } from '../../time.js';
import type { CommandContext, DataOf } from '../commands.js';
import { accept, nothing, type Decision } from '../decision.js';
import { moves, type Step } from '../facts.js';
import type { Settings, TimeOut } from '../settings.js';
import type { Deployment } from '../deployment.js';
import type { Target } from '../target.js';

type Clock = DataOf<'TimeOutDeployment'>;

/**
 * Past `failing` a deployment in flight fails, past `hanging` a deploying one hangs; failing alone when both are due.
 * The deadline is computed anew from the present settings: a clock that was set again since, or is not due yet, does nothing.
 */
export const timeOut = (target: Target, clock: Clock, context: CommandContext): Decision => {
  const deployment = target.open.find(({ number }) => number === clock.number);
  if (!deployment) return nothing(null);
  const isSame = deployment.clockVersion === clock.clockVersion;
  const step = isSame ? dueStep(deployment, target.settings, clock) : undefined;
  return step ? accept(clock.number, [moves(deployment, step, context)]) : nothing(clock.number);
};

const dueStep = ({ status }: Deployment, { hanging, failing }: Settings, clock: Clock): Step | undefined => {
  const failed = dueAt(failing, clock);
  if (failed !== undefined)
    return {
      type: 'DeploymentFailed',
      status: 'failed',
      why: { reason: 'timeout', rule: 'failing', deadline: failed },
      occurredAt: failed,
    };
  const hung = status === 'deploying' ? dueAt(hanging, clock) : undefined;
  if (hung !== undefined)
    return { type: 'DeploymentHung', status: 'hanging', why: { rule: 'hanging', deadline: hung }, occurredAt: hung };
  return undefined;
};

const dueAt = ({ enabled, afterMinutes }: TimeOut, { clockSetAt, now }: Clock) => {
  if (!enabled) return undefined;
  const deadline = addMinutes(clockSetAt, afterMinutes);
  return deadline <= now ? deadline : undefined;
};
