import { writeFileSync } from 'node:fs';
import { asyncApiText } from './asyncapi.js';
import { eventsSchemaText } from './event-documents.js';

/** `npm run contracts`, from the top of the repository, after a build. */
writeFileSync('libs/contracts/asyncapi.json', asyncApiText());
writeFileSync('libs/contracts/events.schema.json', eventsSchemaText());
