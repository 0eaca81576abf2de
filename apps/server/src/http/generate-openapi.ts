import { writeFileSync } from 'node:fs';
import { openApiText } from './openapi-text.js';

/** `npm run contracts`, from the top of the repository, after a build. */
writeFileSync('libs/contracts/openapi.json', await openApiText());
