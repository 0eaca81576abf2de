import { describe, expect, it } from '@jest/globals';
import {
  deploymentIdOf,
  digestOfProduct,
  uuidOfDeployment,
  uuidOfEnvironment,
  uuidOfProduct,
  uuidOfVersion,
} from './ids.js';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe('an id', () => {
  it.each([1, 255, 4711, 2 ** 32, Number.MAX_SAFE_INTEGER])('of deployment %s is a UUID that says it', (id) => {
    const uuid = uuidOfDeployment(id);
    expect(uuid).toMatch(UUID);
    expect([deploymentIdOf(uuid), deploymentIdOf(uuid.toUpperCase()), deploymentIdOf(String(id))]).toEqual(
      Array.from({ length: 3 }, () => String(id)),
    );
  });

  it.each(['', 'x', '-1', '0', '01', uuidOfDeployment(0), uuidOfProduct('a'), `${uuidOfDeployment(1)}0`, '1e3'])(
    'of a deployment is not %j',
    (text) => {
      expect(deploymentIdOf(text)).toBeUndefined();
    },
  );

  it('of what has a name is always the same, and each has its own', () => {
    const all = [
      uuidOfProduct('a'),
      uuidOfProduct('b'),
      uuidOfEnvironment('a'),
      uuidOfVersion('a', '1'),
      uuidOfVersion('a', '2'),
      uuidOfVersion('b', '1'),
    ];
    expect(new Set(all).size).toBe(all.length);
    for (const uuid of all) expect(uuid).toMatch(UUID);
    expect(uuidOfVersion('a', '1')).toBe(all[3]);
  });

  it('of a version says of which product it may be', () => {
    expect(digestOfProduct(uuidOfVersion('a', '1'))).toEqual(digestOfProduct(uuidOfProduct('a')));
    expect(digestOfProduct(uuidOfVersion('a', '1').toUpperCase())).toEqual(digestOfProduct(uuidOfVersion('a', '2')));
    expect(digestOfProduct(uuidOfVersion('b', '1'))).not.toEqual(digestOfProduct(uuidOfProduct('a')));
  });
});
