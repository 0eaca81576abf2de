export { hostile, nearValidBody, validBody } from './bodies.js';
