import { SetMetadata, type CustomDecorator } from '@nestjs/common';
import type { Scope } from './identity.js';

export const NEEDS = 'shiplog:needs';

/** The scope that a route asks for; without it, reading is enough. */
export const Needs = (scope: Scope): CustomDecorator => SetMetadata(NEEDS, scope);
