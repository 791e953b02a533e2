/** A map that forgets what was used least recently: memory has a limit, however many come by. */

export interface Lru<V> {
  get(key: string): V | undefined;
  set(key: string, value: V): void;
}

/** Keeps at most `sizeMax` entries. */
export function createLru<V>(sizeMax: number): Lru<V> {
  const entries = new Map<string, V>();
  const set = (key: string, value: V) => {
    entries.delete(key);
    entries.set(key, value);
    const oldest = entries.keys().next().value;
    if (entries.size > sizeMax && oldest !== undefined) entries.delete(oldest);
  };
  return {
    get: (key) => {
      const value = entries.get(key);
      if (value !== undefined) set(key, value);
      return value;
    },
    set,
  };
}
