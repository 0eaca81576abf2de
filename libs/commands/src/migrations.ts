/** The tables of this lib, for the event store's `migrate`. */
export const commandsMigrations = { name: 'commands', folder: new URL('../migrations/', import.meta.url) };
