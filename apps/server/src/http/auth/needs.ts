import { SetMetadata, type CustomDecorator } from '@nestjs/common';
import type { Scope } from './identity.js';

export const NEEDS = 'shiplog:needs';

/** The scope that a route asks for. A route that says none is refused, and the service does not start with it. */
export const Needs = (scope: Scope): CustomDecorator => SetMetadata(NEEDS, scope);

/** Reading is enough, unless the route says otherwise, above or below this. */
export const NeedsReading = (): MethodDecorator => (owner, name, descriptor) => {
  if (!Reflect.hasMetadata(NEEDS, descriptor.value as object)) Needs('deployments:read')(owner, name, descriptor);
};
