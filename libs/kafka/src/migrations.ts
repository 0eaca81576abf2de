/** The tables of this lib, for `migrate` of #event-store. */
export const kafkaMigrations = { name: 'kafka', folder: new URL('../migrations/', import.meta.url) };
