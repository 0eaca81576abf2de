import type { Provider, Type } from '@nestjs/common';
import { SpaceAllTargetsController } from './all-targets.controller.js';
import { SpaceAuditLog } from './audit-log.js';
import { SpaceDeploymentsController } from './deployments.controller.js';
import { SpacePlaces } from './places.js';
import { SpaceReports } from './reports.js';
import { SpaceTargetLists } from './target-lists.js';
import { SpaceTargetsController } from './targets.controller.js';

export const spaceControllers: Type[] = [SpaceAllTargetsController, SpaceTargetsController, SpaceDeploymentsController];

export const spaceParts: Provider[] = [SpacePlaces, SpaceReports, SpaceAuditLog, SpaceTargetLists];
