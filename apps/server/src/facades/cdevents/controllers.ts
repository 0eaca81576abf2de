import type { Provider, Type } from '@nestjs/common';
import { CDEventsController } from './cdevents.controller.js';
import { Receiving } from './receiving.js';

export const cdeventsControllers: Type[] = [CDEventsController];

export const cdeventsParts: Provider[] = [Receiving];
