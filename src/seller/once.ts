/**
 * What is found when it is first asked for, and kept: the answer, or the promise of one. Rooms of
 * this module that a charge does without are loaded so: `import()` itself takes half as long as a
 * signature check each time, also where the file is there already.
 */
export function once<T>(find: () => T): () => T {
  let found: { readonly value: T } | undefined;
  return () => {
    found ??= { value: find() };
    return found.value;
  };
}
