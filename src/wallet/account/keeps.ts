/** The rows that keep an account from being lost with its device, each by its key. */
import type { Tables } from '../ports.ts';
import type { Keep } from '../rows.ts';

type KeepOf<K extends Keep['key']> = Extract<Keep, { readonly key: K }>;

/** The row of a key, where there is one. */
export async function readKeep<K extends Keep['key']>(
  { keeps }: Pick<Tables, 'keeps'>,
  key: K,
): Promise<KeepOf<K> | undefined> {
  const row = await keeps.get(key);
  return row?.key === key ? (row as KeepOf<K>) : undefined;
}
