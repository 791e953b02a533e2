/** Reading the same text again: a seller meets the same names and headers in every charge. */

/** More names than one seller meets; few enough that nobody fills a memory with them. */
const COUNT = 64;

/**
 * `read`, a pure function, which remembers what it made of the last `countMax` texts, more or less;
 * what it refuses it reads again.
 */
export function remembering<T>(read: (text: string) => T, countMax = COUNT): (text: string) => T {
  const remembered = new Map<string, T>();
  return (text) => {
    const known = remembered.get(text);
    if (known !== undefined) return known;
    const value = read(text);
    if (remembered.size >= countMax) remembered.clear();
    remembered.set(text, value);
    return value;
  };
}
