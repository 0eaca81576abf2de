import helmet from '@fastify/helmet';
import { fastify, type FastifyInstance } from 'fastify';

type Headers = Readonly<Record<string, string>>;

/** Every answer carries Helmet's headers. */
export async function secureAnswers(instance: FastifyInstance, publicUrl: URL | undefined): Promise<void> {
  const headers = await helmetHeaders(publicUrl);
  instance.addHook('onRequest', (_request, reply, done) => {
    void reply.headers(headers);
    done();
  });
}

/**
 * Helmet, with what supposes https only where the public URL is https; the policy is what `/docs` needs, and no more. It would
 * make the same headers anew for each request, which takes as long as all else that reading one row takes: it is asked once.
 */
async function helmetHeaders(publicUrl: URL | undefined): Promise<Headers> {
  const isHttps = publicUrl?.protocol === 'https:';
  const asked = fastify();
  await asked.register(helmet, {
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
  });
  asked.setNotFoundHandler(async (_request, { raw }) => raw.getHeaders());
  const headers = (await asked.inject('/')).json<Headers>();
  await asked.close();
  return headers;
}
