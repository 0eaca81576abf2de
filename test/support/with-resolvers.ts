/** @platformatic/kafka, which only the tests use, takes `Promise.withResolvers` of Node 22 for granted. */
type WithResolvers = { withResolvers?: () => object };

(Promise as unknown as WithResolvers).withResolvers ??= () => {
  let settle = {};
  const promise = new Promise((resolve, reject) => {
    settle = { resolve, reject };
  });
  return { promise, ...settle };
};
