// The package keeps its metadata where it exports no types; class-validator-jsonschema asks for exactly this object.
declare module 'class-transformer/cjs/storage.js' {
  export { defaultMetadataStorage } from 'class-transformer/types/storage';
}
