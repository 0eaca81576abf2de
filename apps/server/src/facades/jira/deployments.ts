import { Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Links } from '../../http/links.js';
import { Problem } from '../../http/problem.js';
import { FacadeReads, type Seen } from '../facade-reads.js';
import { Standings, type Made } from '../standings.js';
import { identifiedBy, placeOf, type Identity } from './identity.js';
import { recordedIn } from './recorded.js';
import { gatingText, ownText, reportedText } from './shapes.js';

/** Deployments as Jira shows them, from the views. */
@Injectable()
export class JiraDeployments {
  constructor(
    @Inject(FacadeReads) private readonly reads: FacadeReads,
    @Inject(Standings) private readonly standings: Standings,
    @Inject(Links) private readonly links: Links,
  ) {}

  /** The JSON of one; throws where there is none. */
  async text(request: FastifyRequest, identity: Identity): Promise<string> {
    const seen = await this.one(identity);
    const { project, target, number, metadata } = seen.shown;
    const url = this.links.deployment(request, project, target, number);
    const recorded = recordedIn(metadata);
    return recorded
      ? reportedText(seen, recorded, url)
      : ownText(seen, { own: await this.reads.target(project, target), url });
  }

  async gating(identity: Identity): Promise<string> {
    return gatingText(identity, await this.one(identity));
  }

  /** What a client reported by these names, else the deployment of our own that has this id. */
  private async one(identity: Identity): Promise<Seen> {
    const { project, target } = placeOf(identity);
    for (let found = await this.standings.find(identifiedBy(identity)); found.number !== undefined;) {
      const seen = await this.reads.deployment(project, String(found.id)).catch(unlessThere);
      if (seen) return seen;
      found = await this.standings.find(identifiedBy(identity), found.attempt + 1);
    }
    const seen = await this.reads.deployment(project, String(identity.deploymentSequenceNumber));
    if (seen.shown.target !== target || recordedIn(seen.deployment.metadata)) throw new Problem('deployment_not_found');
    return seen;
  }

  /** The last that was made for these names, whether or not it is there still. */
  async made(identity: Identity): Promise<Made | undefined> {
    let last: Made | undefined;
    for (let found = await this.standings.find(identifiedBy(identity)); found.number !== undefined;) {
      last = found;
      found = await this.standings.find(identifiedBy(identity), found.attempt + 1);
    }
    return last;
  }
}

function unlessThere(error: unknown): undefined {
  if (!(error instanceof Problem && error.code === 'deployment_not_found')) throw error;
}
