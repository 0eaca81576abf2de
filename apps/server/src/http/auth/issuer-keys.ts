import { createRemoteJWKSet, errors, type JWTVerifyGetKey } from 'jose';
import { isSecureUrl, type OidcIssuer } from '#runtime';
import { Problem } from '../problem.js';

const FETCH_MS = 5_000;
/** A key that the issuer has taken back is taken no longer than this. */
const KEPT_MS = 600_000;

export type KeyTimes = Readonly<{
  /** How soon, after keys were fetched, a key that is not among them makes us fetch again. */
  cooldownMs?: number;
}>;

/** Keys cannot be told from none: whose token it is may be known later. */
const away = (cause: unknown): Problem =>
  new Problem('unavailable', 'The keys of the issuer of this token cannot be had; try the same again.', {
    headers: { 'retry-after': '2' },
    cause,
  });

/**
 * The keys of an issuer, fetched when they are needed first and when a new one is: once for all who wait. Those that are known stay
 * good while the issuer is away. Throws 503 where a key cannot be had.
 */
export function keysOf(issuer: OidcIssuer, { cooldownMs = 5_000 }: KeyTimes = {}): JWTVerifyGetKey {
  let source: Promise<JWTVerifyGetKey> | undefined;
  const locate = async (): Promise<JWTVerifyGetKey> =>
    createRemoteJWKSet(issuer.jwksUri ?? (await discover(issuer.issuer)), {
      timeoutDuration: FETCH_MS,
      cooldownDuration: cooldownMs,
      cacheMaxAge: KEPT_MS,
    });
  const located = (): Promise<JWTVerifyGetKey> => {
    source ??= locate().catch((error: unknown) => {
      source = undefined;
      throw error;
    });
    return source;
  };
  return async (header, token) => {
    try {
      return await (
        await located()
      )(header, token);
    } catch (error) {
      throw isAboutTheToken(error) ? error : away(error);
    }
  };
}

const isAboutTheToken = (error: unknown): boolean =>
  error instanceof errors.JWKSNoMatchingKey ||
  error instanceof errors.JWKSMultipleMatchingKeys ||
  error instanceof errors.JOSENotSupported;

/** Where the issuer says that its keys are (OpenID Connect Discovery 1.0). */
async function discover(issuer: string): Promise<URL> {
  const response = await fetch(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, {
    signal: AbortSignal.timeout(FETCH_MS),
    redirect: 'error',
  });
  if (!response.ok) throw new Error(`${issuer} answers discovery with ${response.status}.`);
  const said = (await response.json()) as Readonly<{ issuer?: unknown; jwks_uri?: unknown }>;
  if (said.issuer !== issuer) throw new Error(`What ${issuer} says is said of another issuer.`);
  if (typeof said.jwks_uri !== 'string' || !isSecureUrl(said.jwks_uri))
    throw new Error(`${issuer} names no https URL of its keys.`);
  return new URL(said.jwks_uri);
}
