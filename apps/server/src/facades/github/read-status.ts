import { isLink } from '../is-link.js';
import type { Body } from './body.js';
import { invalidRequest, validationFailed } from './dialect.js';
import { reportedStates, type ReportedState } from './recorded.js';

/** What a client reports of a deployment. */
export type Reported = Readonly<{
  state: ReportedState;
  description: string;
  log_url: string;
  environment_url: string;
  /** Where it is moved to; undefined where it stays. */
  environment: string | undefined;
  auto_inactive: boolean;
}>;

const MAX_DESCRIPTION = 140;

export function readStatus(body: Body): Reported {
  const asked = body.required('state');
  const state = reportedStates.find((each) => each === asked);
  if (!state) throw validationFailed('DeploymentStatus', 'state', 'state is not included in the list');
  return {
    state,
    description: body.text('description', MAX_DESCRIPTION) ?? '',
    log_url: urlIn(body, 'log_url') || urlIn(body, 'target_url'),
    environment_url: urlIn(body, 'environment_url'),
    environment: body.text('environment') || undefined,
    auto_inactive: body.flag('auto_inactive') ?? true,
  };
}

function urlIn(body: Body, name: string): string {
  const url = body.text(name)?.trim() ?? '';
  if (url === '' || isLink(url)) return url;
  throw invalidRequest(`For 'properties/${name}', it is not a valid URI of the scheme http or https.`);
}
