import { runInNewContext } from 'node:vm';
import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Reply } from '../support/server.js';
import { suiteServer } from '../support/suite.js';

const api = suiteServer();
let page: Reply;
let policy: Map<string, string[]>;
beforeAll(async () => {
  page = await api.call('/docs', { token: null });
  const directives = page.headers.get('content-security-policy')!.split(';');
  policy = new Map(
    directives.map((directive) => {
      const [name = '', ...sources] = directive.trim().split(' ');
      return [name, sources];
    }),
  );
});

const get = (reference: string): Promise<Reply> => {
  const { pathname } = new URL(reference, `${api.server.url}/docs`);
  return api.call(pathname, { token: null });
};

describe('/docs', () => {
  it('is a page without a script or a style of its own, as its policy asks', () => {
    expect(page.status).toBe(200);
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(policy.get('default-src')).toEqual(["'none'"]);
    expect(policy.get('script-src')).toEqual(["'self'"]);
    expect(page.text).not.toMatch(/<script>|<style|\son\w+=|style=/);
  });

  it('loads only what this server serves', async () => {
    const references = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, reference]) => reference!);
    const fetched = references.filter((reference) => !reference.startsWith('data:'));
    expect(fetched).toEqual(['docs/swagger-ui.css', 'docs/swagger-ui-bundle.js', 'docs/start.js']);
    for (const reference of fetched) {
      const { status, headers } = await get(reference);
      const type = reference.endsWith('.css') ? 'text/css' : 'text/javascript';
      expect([reference, status, headers.get('content-type')]).toEqual([reference, 200, `${type}; charset=utf-8`]);
      // Browsers take neither for what it does not say it is.
      expect(headers.get('x-content-type-options')).toBe('nosniff');
    }
  });

  it('has images that its policy lets in, and no fonts or styles from elsewhere', async () => {
    const { text } = await get('docs/swagger-ui.css');
    const urls = [...text.matchAll(/url\(["']?([^"')]*)/g)].map(([, url]) => url!);
    expect(urls.length).toBeGreaterThan(0);
    expect(urls.filter((url) => !url.startsWith('data:image/'))).toEqual([]);
    expect(policy.get('img-src')).toContain('data:');
    expect(text).not.toMatch(/@import|@font-face/);
  });

  it('shows the contract, asks no other host about it, and lets a token be entered', async () => {
    const { text } = await get('docs/start.js');
    let shown: Record<string, unknown> = {};
    runInNewContext(text, { SwaggerUIBundle: (options: Record<string, unknown>) => (shown = options) });
    expect(shown).toMatchObject({ url: 'openapi.json', dom_id: '#ui', validatorUrl: null });
    expect(page.text).toContain('<div id="ui">');
    expect(policy.get('connect-src')).toEqual(["'self'"]);
    const { status, body } = await get(shown['url'] as string);
    expect(status).toBe(200);
    expect(body.components.securitySchemes.token).toMatchObject({ type: 'http', scheme: 'bearer' });
    // What is tried out goes to this server.
    expect(body.servers).toEqual([{ url: '/' }]);
  });
});
