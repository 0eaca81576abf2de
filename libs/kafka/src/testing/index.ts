export { ConsumerSession } from '../consumer-session.js';
export { murmur2 } from '../murmur2.js';
export { isTooLarge, Sender } from '../sender.js';
export { headersBefore, marksOf } from '../topic-reader.js';
export { createTopics, untilServed } from '../topics.js';
