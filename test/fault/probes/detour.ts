import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Meeting } from '../checkers/index.js';

const DISCOVERY = '/.well-known/openid-configuration';

/** An issuer of tokens, and a service, that sends everybody who asks it elsewhere: there somebody waits, and notes who comes. */
export class Detour {
  /** Who was asked, there and elsewhere. */
  readonly meetings: Meeting[] = [];
  private readonly elsewhere = createServer(({ url = '', headers }, response) => {
    this.note(this.elsewhere, url, headers['user-agent']);
    const issuer = { issuer: this.url, jwks_uri: `${originOf(this.elsewhere)}/keys` };
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(url === DISCOVERY ? issuer : { keys: [] }));
  });
  private readonly here = createServer(({ url = '', headers }, response) => {
    this.note(this.here, url, headers['user-agent']);
    // 307: with the method and the body.
    response.writeHead(307, { location: `${originOf(this.elsewhere)}${url}` }).end();
  });

  static async start(): Promise<Detour> {
    const detour = new Detour();
    for (const server of [detour.here, detour.elsewhere])
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return detour;
  }

  get url(): string {
    return originOf(this.here);
  }

  /** The variable that tells a replica of the issuer. */
  get env(): Readonly<{ OIDC_ISSUERS: string }> {
    const rule = { claims: { sub: '*' }, projects: ['detour'], scopes: ['deployments:read'], name: 'detour' };
    return { OIDC_ISSUERS: JSON.stringify([{ issuer: this.url, audience: 'shiplog', rules: [rule] }]) };
  }

  stop(): void {
    for (const server of [this.here, this.elsewhere]) server.close().closeAllConnections();
  }

  private note(server: Server, path: string, who = 'somebody'): void {
    this.meetings.push({ who, origin: originOf(server), path });
  }
}

const originOf = (server: Server): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
