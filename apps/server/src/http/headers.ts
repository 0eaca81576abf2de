import type { FastifyHelmetOptions } from '@fastify/helmet';

/** Helmet, with what supposes https only where the public URL is https; the policy is what `/docs` needs, and no more. */
export function securityHeaders(publicUrl: URL | undefined): FastifyHelmetOptions {
  const isHttps = publicUrl?.protocol === 'https:';
  return {
    strictTransportSecurity: isHttps,
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", 'data:'],
        connectSrc: ["'self'"],
        baseUri: ["'none'"],
        formAction: ["'none'"],
        frameAncestors: ["'none'"],
        ...(isHttps ? { upgradeInsecureRequests: [] } : {}),
      },
    },
  };
}
