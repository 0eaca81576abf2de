/** Whether a text is a trace parent that W3C Trace Context has others go on with; what is none is left aside. */
export const isTraceparent = (text: unknown): text is string =>
  typeof text === 'string' && /^(?!ff)[\da-f]{2}-(?!0{32})[\da-f]{32}-(?!0{16})[\da-f]{16}-[\da-f]{2}$/.test(text);
