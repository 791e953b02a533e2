/** What was made of a text before: a seller meets the same names and headers in every charge. */

/** More names than one seller meets; few enough that nobody fills a memory with them. */
const COUNT = 64;

/** Values by their texts. */
export interface Memo<T> {
  get(text: string): T | undefined;
  set(text: string, value: T): void;
}

/** Keeps the last `countMax` values, more or less: when it is full it begins anew. */
export function createMemo<T>(countMax: number): Memo<T> {
  const values = new Map<string, T>();
  return {
    get: (text) => values.get(text),
    set: (text, value) => {
      if (values.size >= countMax) values.clear();
      values.set(text, value);
    },
  };
}

/** `read`, a pure function, which remembers what it made; what it refuses it reads again. */
export function remembering<T>(read: (text: string) => T, countMax = COUNT): (text: string) => T {
  const memo = createMemo<T>(countMax);
  return (text) => {
    const known = memo.get(text);
    if (known !== undefined) return known;
    const value = read(text);
    memo.set(text, value);
    return value;
  };
}
