import { createPrivateKey, createPublicKey, generateKeyPairSync, hash, sign, type KeyObject } from 'node:crypto';

/** Of the C2SP signed-note format: an Ed25519 signature over the text. */
const ED25519 = 1;
const KEY_ID_BYTES = 4;

/** What a checkpoint says: of which log, how many events, the root over them, and when by the database's clock. */
export type CheckpointBody = Readonly<{ origin: string; size: number; root: Buffer; time: string }>;

/** A key that signs notes. `id` tells it from others of the same name; `vkey` is what verifiers are given. */
export type Signer = Readonly<{ name: string; id: string; vkey: string; sign(text: string): string }>;

/** What stands before the id of the store in the name of a log. */
export const originOf = (storeId: string): string => `urn:shiplog:${storeId}`;

/** The text of a checkpoint (C2SP tlog-checkpoint); its time is an extension line. */
export const checkpointText = ({ origin, size, root, time }: CheckpointBody): string =>
  `${origin}\n${size}\n${root.toString('base64')}\ntime ${time}\n`;

/** The text with the signature of the key, as a C2SP signed note. */
export const signNote = (text: string, signer: Signer): string => `${text}\n${signer.sign(text)}`;

/** Reads a private key, Ed25519 in PEM (PKCS #8), that signs as `name`. Throws an Error that says what it is instead. */
export const readSigner = (pem: string, name: string): Signer => {
  const key = privateKeyIn(pem);
  const publicKey = Buffer.from(createPublicKey(key).export({ format: 'jwk' }).x!, 'base64url');
  const typed = Buffer.concat([Buffer.of(ED25519), publicKey]);
  const id = hash('sha256', Buffer.concat([Buffer.from(`${name}\n`), typed]), 'buffer').subarray(0, KEY_ID_BYTES);
  return {
    name,
    id: id.toString('hex'),
    vkey: `${name}+${id.toString('hex')}+${typed.toString('base64')}`,
    sign: (text) => `— ${name} ${Buffer.concat([id, sign(null, Buffer.from(text), key)]).toString('base64')}\n`,
  };
};

const privateKeyIn = (pem: string): KeyObject => {
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch (error) {
    throw new Error('The audit key is no private key in PEM.', { cause: error });
  }
  if (key.asymmetricKeyType !== 'ed25519')
    throw new Error(`The audit key is of type ${key.asymmetricKeyType}, and has to be of Ed25519.`);
  return key;
};

/** A new private key, in PEM. */
export const newSigningKey = (): string =>
  generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }) as string;
