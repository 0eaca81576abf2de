import type { Provider, Type } from '@nestjs/common';
import { DevlakeDeploymentsController } from './deployments.controller.js';
import { DevlakeReports } from './reports.js';

export const devlakeControllers: Type[] = [DevlakeDeploymentsController];

export const devlakeParts: Provider[] = [DevlakeReports];
