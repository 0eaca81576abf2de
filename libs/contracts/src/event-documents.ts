import { answerSchemas } from './components.js';
import { eventDataSchemas } from './event-schemas.js';
import type { JsonSchema } from './rules.js';

/** The events as one JSON Schema (2020-12): an event as it is shown, and under `$defs` the data of each type. */
export const eventsSchemaDocument = (): JsonSchema => {
  const { Event, Actor } = answerSchemas;
  const document = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: 'urn:shiplog:schemas:events',
    title: 'Event',
    ...Event,
    $defs: { Actor, ...eventDataSchemas },
  };
  return JSON.parse(JSON.stringify(document).replaceAll('"#/components/schemas/', '"#/$defs/')) as JsonSchema;
};

/** The document as it stands in the repository. */
export const eventsSchemaText = (): string => `${JSON.stringify(eventsSchemaDocument(), null, 2)}\n`;
