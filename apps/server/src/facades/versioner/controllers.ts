import type { Provider, Type } from '@nestjs/common';
import { VersionerCatalogController } from './catalog.controller.js';
import { Catalog } from './catalog.js';
import { Claimants } from './claimants.js';
import { VersionerEventsController } from './events.controller.js';
import { VersionerListsController } from './lists.controller.js';
import { VersionerManageController } from './manage.controller.js';
import { Tracking } from './tracking.js';
import { Versions } from './versions.js';

export const versionerControllers: Type[] = [
  VersionerEventsController,
  VersionerListsController,
  VersionerCatalogController,
  VersionerManageController,
];

export const versionerParts: Provider[] = [Tracking, Versions, Catalog, Claimants];
